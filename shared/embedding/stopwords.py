"""Words that carry grammar and no topic, with what tokenizing leaves of contractions (don't: "don", "t").

A pure constant, for search and for keywords.
"""

from typing import Final

_FUNCTION_WORDS = """
a an the this that these those such same other another any some each every either neither both all few more most
i me my mine myself we us our ours ourselves you your yours yourself yourselves he him his himself she her hers
herself it its itself they them their theirs themselves one ones who whom whose which what
am is are was were be been being have has had having do does did doing done can could may might must shall should
will would ought cannot
and or but nor so yet if then else than as because while although though unless until since whether
about above across after against along among around at before behind below beneath beside between beyond by down
during for from in inside into of off on onto out outside over per through throughout to toward towards under
up upon via with within without
not no only own too very just also again further once here there when where why how now thus hence therefore however
moreover furthermore
s t d ll m re ve don doesn didn isn aren wasn weren hasn haven hadn won wouldn shouldn couldn
"""
STOPWORDS: Final = frozenset(_FUNCTION_WORDS.split())
