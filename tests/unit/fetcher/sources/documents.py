"""Short documents of every format that a parser reads, for tests that damage them."""

from typing import Final

RDF: Final = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
_NAMES: Final = (
    b'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/" '
    b'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
)
_RSS: Final = b"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" %s><channel><title>Cranes</title><ttl>60</ttl>
<item><title>Twelve creases of a crane</title><link>https://cranes.example/1</link>
<description><![CDATA[<p>Folded &amp; creased.</p>]]></description><guid>https://cranes.example/1</guid>
<category>folding</category><author>ada@cranes.example (Ada Origami)</author>
<pubDate>Tue, 02 Jan 2024 08:00:00 +0200</pubDate><prism:doi>10.1000/crane.1</prism:doi></item>
<item><title>Nine creases of a crane</title><link>https://cranes.example/2</link><guid>https://cranes.example/2</guid>
<authors>Ada Origami;Ben Fold</authors></item></channel></rss>"""
_RDF: Final = b"""<rdf:RDF %s xmlns="http://purl.org/rss/1.0/" %s>
<channel rdf:about="https://cranes.example"><title>Cranes</title></channel>
<item rdf:about="https://cranes.example/3"><title>Creases</title><dc:creator>Ada Origami</dc:creator>
<dc:date>2024-01-02</dc:date><dc:identifier>doi:10.1000/crane.3</dc:identifier>
<content:encoded>Folded.</content:encoded></item></rdf:RDF>"""
_ATOM: Final = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Cranes</title><link rel="next" href="?page=2"/>
<entry><title type="html">A &lt;i&gt;crane&lt;/i&gt;</title><id>tag:cranes.example,2024:1</id>
<updated>2024-01-02T08:00:00Z</updated><link rel="alternate" href="papers/1.html"/>
<author><name>Ada Origami</name></author>
<summary type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Folded.</p></div></summary></entry></feed>"""
_ARXIV: Final = b"""<rss version="2.0" %s><channel><title>cs.RO updates on arXiv.org</title>
<item><title>Folding arms</title><link>https://arxiv.org/abs/2401.00001</link>
<description>arXiv:2401.00001v2 Announce Type: replace
Abstract: We fold.</description><guid isPermaLink="false">oai:arXiv.org:2401.00001v2</guid><category>cs.RO</category>
<arxiv:announce_type>replace</arxiv:announce_type><dc:creator>Ada Origami (Here, There), Ben Fold</dc:creator>
<arxiv:DOI>10.1000/crane.9</arxiv:DOI></item></channel></rss>"""
FEEDS: Final = (_RSS % _NAMES, _RDF % (RDF.encode(), _NAMES), _ATOM, _ARXIV % _NAMES)
JSON_FEED: Final = (
    b"""{"version": "https://jsonfeed.org/version/1.1", "title": "Cranes", "next_url": "https://cranes.example/2",
"items": [{"id": "1", "title": "Twelve creases", "url": "https://cranes.example/1", "summary": "Folded.",
"tags": ["folding"], "authors": [{"name": "Ada Origami"}], "date_published": "2024-01-02T08:00:00Z"},
{"id": 2, "title": "Nine creases"}]}""",
)
OAI: Final = (
    b"""<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>
<record><header><identifier>oai:arXiv.org:2401.00001</identifier></header>
<metadata><arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/"><id>2401.00001</id>
<version version="v1"><date>Tue, 02 Jan 2024 08:00:00 GMT</date></version><title>Folding arms</title>
<authors>Ada Origami (Here), Ben Fold</authors><categories>cs.RO</categories><comments>9 pages</comments>
<abstract>We fold.</abstract><doi>10.1000/crane.9</doi></arXivRaw></metadata></record>
<resumptionToken>1|2</resumptionToken></ListRecords></OAI-PMH>""",
    b"""<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><GetRecord>
<record><header status="deleted"><identifier>oai:arXiv.org:2401.00002</identifier></header></record>
<record><metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>math/0309136</id><created>2003-09-08</created>
<authors><author><keyname>Origami</keyname><forenames>Ada</forenames></author></authors><title>Folding</title>
<categories>math.GT</categories><abstract>We fold.</abstract></arXiv></metadata></record></GetRecord></OAI-PMH>""",
)
API: Final = (
    b"""<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom"><entry>
<id>http://arxiv.org/abs/2401.00001v1</id><updated>2024-01-02T08:00:00Z</updated>
<published>2024-01-02T08:00:00Z</published><title>Folding arms</title><summary>We fold.</summary>
<author><name>Ada Origami</name></author><arxiv:comment>9 pages</arxiv:comment>
<arxiv:journal_ref>Cranes 9</arxiv:journal_ref><category term="cs.RO"/><arxiv:doi>10.1000/crane.9</arxiv:doi>
</entry></feed>""",
)
BIORXIV: Final = (
    b"""{"messages": [{"status": "ok", "total": "2"}], "collection": [{"doi": "10.1101/2024.01.02.573001",
"title": "Folding of {beta}-cranes", "authors": "Origami, A.; Fold, B.", "date": "2024-1-2", "version": "1",
"type": "new results", "category": "zoology", "abstract": "Cranes fold. O_FIG C_FIG", "published": "NA"}]}""",
)
OPENREVIEW: Final = (
    b"""{"notes": [{"id": "abc123", "forum": "abc123", "cdate": 1704182400000, "pdate": 1704182400000, "content":
{"title": {"value": "Folding arms"}, "abstract": {"value": "We fold."},
"authors": {"value": ["Ada Origami", {"fullname": "Ben Fold"}]}, "keywords": {"value": ["cranes"]},
"venue": {"value": "CRANES 2024"}, "venueid": {"value": "cranes.example/2024"}, "pdf": {"value": "/pdf/1.pdf"}}}]}""",
)
