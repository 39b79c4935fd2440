"""The language model of the operator: one OpenAI-compatible endpoint, for all services that ask it.

`language_model` asks within the quota and the budget; `fencing` makes prompts of texts by strangers. It imports
`coordination` and `outbound`, and is imported by the services that ask.
"""
