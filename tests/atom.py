"""The rules of Atom (RFC 4287) and Media RSS as far as our feeds use them, in RELAX NG, for lxml to validate with."""

from lxml import etree

_GRAMMAR = """
<grammar xmlns="http://relaxng.org/ns/structure/1.0" ns="http://www.w3.org/2005/Atom"
         datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
  <start><element name="feed">
    <optional><attribute name="xml:lang" ns=""><text/></attribute></optional>
    <interleave>
      <ref name="id"/><ref name="title"/><ref name="updated"/>
      <oneOrMore><ref name="author"/></oneOrMore>
      <optional><element name="generator"><text/></element></optional>
      <zeroOrMore><ref name="link"/></zeroOrMore>
      <zeroOrMore><ref name="entry"/></zeroOrMore>
    </interleave>
  </element></start>
  <define name="entry"><element name="entry"><interleave>
    <ref name="id"/><ref name="title"/><ref name="updated"/>
    <optional><element name="published"><data type="dateTime"/></element></optional>
    <optional><element name="summary"><optional><attribute name="type"/></optional><text/></element></optional>
    <zeroOrMore><ref name="author"/></zeroOrMore>
    <zeroOrMore><element name="category"><attribute name="term"><data type="string">
      <param name="minLength">1</param></data></attribute></element></zeroOrMore>
    <zeroOrMore><ref name="link"/></zeroOrMore>
    <optional><element name="thumbnail" ns="http://search.yahoo.com/mrss/">
      <attribute name="url"><data type="anyURI"/></attribute>
      <attribute name="width"><data type="positiveInteger"/></attribute>
      <attribute name="height"><data type="positiveInteger"/></attribute>
    </element></optional>
  </interleave></element></define>
  <define name="id"><element name="id"><data type="anyURI"><param name="minLength">1</param></data></element></define>
  <define name="title"><element name="title"><optional><attribute name="type"/></optional><text/></element></define>
  <define name="updated"><element name="updated">
    <data type="dateTime"><param name="pattern">.+T.+(Z|[+-]\\d\\d:\\d\\d)</param></data>
  </element></define>
  <define name="author"><element name="author"><element name="name"><data type="string">
    <param name="minLength">1</param></data></element></element></define>
  <define name="link"><element name="link">
    <attribute name="href"><data type="anyURI"/></attribute>
    <optional><attribute name="rel"><choice>
      <value>self</value><value>alternate</value><value>next</value>
    </choice></attribute></optional>
    <optional><attribute name="type"/></optional>
  </element></define>
</grammar>
"""
RULES = etree.RelaxNG(etree.fromstring(_GRAMMAR))


def faults(document: bytes) -> list[str]:
    """Say what breaks the rules, line by line."""
    tree = etree.fromstring(document)
    return [] if RULES.validate(tree) else [str(error) for error in RULES.error_log]
