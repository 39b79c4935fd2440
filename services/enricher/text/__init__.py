"""Facts from the text of a paper: clean words, people, links, language, keywords, gist, datasets and tasks.

Pure; imports nothing of the enricher.
"""
