"""评分: panels, mark sheets, the judge's desk."""
