"""证书样式: the kinds of sheets, their ornament and sizes, and the versions of their templates."""
