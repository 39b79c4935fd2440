"""How texts are compared: letters without accents, and words. It may import nothing of ours. Pure."""
