"""What an interest would match: previews, thresholds for wanted volumes, explanations of alerts.

May import `alerts`, `delivery`, `matching`, `subscription` and the rooms below them.
"""
