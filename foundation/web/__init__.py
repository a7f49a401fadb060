"""Requests and answers: sessions, policy guard, pages, problems."""
