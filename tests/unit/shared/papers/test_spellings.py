"""Every spelling of an id leads to the one paper."""

import pytest

from shared.papers.names import canonical_id, is_paper_id


@pytest.mark.parametrize(
    "text",
    (
        "10.1234/Quix.77",
        "https://doi.org/10.1234/quix.77",
        "http://dx.doi.org/10.1234/quix.77",
        "doi.org/10.1234/quix.77",
        "www.doi.org/10.1234/quix.77",
        "https://www.doi.org/10.1234/quix.77",
        "DOI 10.1234/quix.77",
        "DOI: 10.1234/quix.77",
        "doi:10.1234/QUIX.77",
        "doi:https://doi.org/10.1234/quix.77",
        "urn:doi:10.1234/quix.77",
        "info:doi/10.1234/quix.77",
        "10.1234%2Fquix.77",
        "doi:10.1234%2fquix.77",
        "https://doi.org/10.1234%2Fquix.77",
        "10.1234/quix.77.",
        " 10.1234/quix.77 ",
        "(10.1234/quix.77)",
        "[doi:10.1234/quix.77].",
        "“10.1234/quix.77”",
        "<https://doi.org/10.1234/quix.77>",
        "10.1234/quix.\u200b77",
        "https://doi.org/10.1234/quix.77/",
        "https://doi.org/10.1234/quix.77?utm_source=mail",
        "https://doi.org/10.1234/quix.77#methods",
        "doi.org:10.1234/quix.77",
        "doi=10.1234/quix.77",
        "https://doi-org.proxy.library.example/10.1234/quix.77",
        "https://api.crossref.org/works/10.1234/quix.77",
    ),
)
def test_every_spelling_of_a_doi(text: str) -> None:
    assert canonical_id(text) == "doi:10.1234/quix.77"
    assert is_paper_id(text)


@pytest.mark.parametrize(
    ("given", "own"),
    (
        (
            "10.1002/(SICI)1096(1997)103:2%3C1::AID-A1%3E3.0.CO;2-X",
            "10.1002/(sici)1096(1997)103:2<1::aid-a1>3.0.co;2-x",
        ),
        ("10.1000/a+b#c", "10.1000/a+b#c"),
        ("https://doi.org/10.1000/a+b%23c", "10.1000/a+b#c"),
        ("https://doi.org/10.1000/a;2-#", "10.1000/a;2-#"),
        ("(10.1016/S0000-1111(05)67890-7)", "10.1016/s0000-1111(05)67890-7"),
    ),
)
def test_signs_in_a_doi_stay(given: str, own: str) -> None:
    assert canonical_id(given) == f"doi:{own}"


@pytest.mark.parametrize(
    "text",
    (
        "arXiv:2603.00031v3 [cs.LG] 1 Mar 2026",
        "arXiv:2603.00031v3  [astro-ph.GA]  11 Mar 2026",
        "arXiv:2603.00031 [cs.LG]",
        "https://www.alphaxiv.org/abs/2603.00031v1",
        "alphaxiv.org/overview/2603.00031",
        "https://ar5iv.org/abs/2603.00031",
        "https://ar5iv.labs.arxiv.org/html/2603.00031",
        "https://browse.arxiv.org/pdf/2603.00031v2.pdf",
        "https://doi.org/10.48550%2FarXiv.2603.00031",
        "arXiv:2603.00031v3[cs.LG]",
        "arXiv:2603.00031 (cs)",
        "arXiv:2603.00031v1 4 Mar 2026",
        "arXiv preprint arXiv:2603.00031.",
        "[2603.00031]",
        "https://arxiv.org/abs/arXiv:2603.00031",
        "https://scirate.com/arxiv/2603.00031",
    ),
)
def test_every_spelling_of_an_arxiv_id(text: str) -> None:
    assert canonical_id(text) == "arXiv:2603.00031"


ADDRESSES = (
    ("https://www.science.org/doi/abs/10.1126/science.abc1234?af=R", "10.1126/science.abc1234"),
    ("https://www.science.org/doi/full/10.1126/science.abc1234", "10.1126/science.abc1234"),
    ("https://onlinelibrary.wiley.com/doi/10.1002/crane.202312345", "10.1002/crane.202312345"),
    ("https://advanced.onlinelibrary.wiley.com/doi/epdf/10.1002/crane.202312345?x=1", "10.1002/crane.202312345"),
    ("https://www.nature.com/articles/d99999-024-00001-2", "10.1038/d99999-024-00001-2"),
    ("https://www.nature.com/articles/s99999-021-03819-2_reference.pdf", "10.1038/s99999-021-03819-2"),
    ("https://www.nature.com/articles/srep20161", "10.1038/srep20161"),
    ("https://dx.plos.org/10.1371/journal.crane.0000001", "10.1371/journal.crane.0000001"),
    ("https://doi.apa.org/doiLanding?doi=10.1037%2Fcrane0000001", "10.1037/crane0000001"),
    ("https://pubs.rsc.org/en/content/articlelanding/2026/cr/d6cr00001a", "10.1039/d6cr00001a"),
    (
        "https://www.thelancet.com/journals/crane/article/PIIS9999-6736(26)30001-1/fulltext",
        "10.1016/s9999-6736(26)30001-1",
    ),
    ("https://academic.oup.com/crane/article-lookup/doi/10.1093/crane/stab001", "10.1093/crane/stab001"),
    ("https://www.annualreviews.org/content/journals/10.1146/annurev-crane-1", "10.1146/annurev-crane-1"),
    ("https://peerj.com/articles/1234/", "10.7717/peerj.1234"),
    ("http://link.springer.com/10.1007/s99999-026-00001-2", "10.1007/s99999-026-00001-2"),
    ("https://www.biorxiv.org/content/early/2026/02/05/2026.02.03.123456", "10.1101/2026.02.03.123456"),
    ("https://www.biorxiv.org/content/biorxiv/early/2016/02/05/123456.full.pdf", "10.1101/123456"),
    ("https://journals.aps.org/prl/abstract/10.1103/PhysRevLett.999.010101", "10.1103/physrevlett.999.010101"),
    ("http://link.aps.org/doi/10.1103/PhysRevLett.999.010101", "10.1103/physrevlett.999.010101"),
    ("https://www.nature.com/articles/s99999-023-06185-3", "10.1038/s99999-023-06185-3"),
    ("https://www.nature.com/articles/s99999-023-06185-3.pdf?x", "10.1038/s99999-023-06185-3"),
    ("https://www.nature.com/articles/nature99999", "10.1038/nature99999"),
    ("https://www.nature.com/articles/ncrane.2016.12", "10.1038/ncrane.2016.12"),
    ("https://link.springer.com/article/10.1007/s99999-023-04700-1", "10.1007/s99999-023-04700-1"),
    ("https://link.springer.com/content/pdf/10.1007/s99999-023-04700-1.pdf", "10.1007/s99999-023-04700-1"),
    ("https://link.springer.com/chapter/10.1007/978-3-99999-1_2", "10.1007/978-3-99999-1_2"),
    ("https://crane.biomedcentral.com/articles/10.1186/s99999-023-01500-1", "10.1186/s99999-023-01500-1"),
    ("https://journals.plos.org/plosone/article?id=10.1371/journal.pone.9999999", "10.1371/journal.pone.9999999"),
    (
        "https://journals.plos.org/plosone/article/file?id=10.1371/journal.pone.9999999&type=x",
        "10.1371/journal.pone.9999999",
    ),
    ("https://pubs.acs.org/doi/10.1021/crane.3c01234", "10.1021/crane.3c01234"),
    ("https://academic.oup.com/nar/article/doi/10.1093/nar/gkz999/7123456", "10.1093/nar/gkz999"),
    ("https://iopscience.iop.org/article/10.1088/1361-6382/zz1234/meta", "10.1088/1361-6382/zz1234"),
    ("https://pubs.aip.org/aip/jap/article-abstract/doi/10.1063/5.9012345/123456/Title", "10.1063/5.9012345"),
    ("https://www.tandfonline.com/doi/full/10.1080/01621459.2999.1234567", "10.1080/01621459.2999.1234567"),
    ("https://dl.acm.org/doi/pdf/10.1145/3999999.3999998", "10.1145/3999999.3999998"),
    ("https://www.pnas.org/doi/10.1073/pnas.9901234120", "10.1073/pnas.9901234120"),
    ("https://www.biorxiv.org/content/10.1101/2099.01.02.522222v2.full", "10.1101/2099.01.02.522222"),
    ("http://biorxiv.org/cgi/content/short/2099.10.02.912345v1?rss=1", "10.1101/2099.10.02.912345"),
    ("https://elifesciences.org/articles/99999", "10.7554/elife.99999"),
    ("https://zenodo.org/records/99999999", "10.5281/zenodo.99999999"),
)


@pytest.mark.parametrize(("address", "own"), ADDRESSES)
def test_addresses_of_publishers_tell_the_doi(address: str, own: str) -> None:
    assert canonical_id(address) == f"doi:{own}"


@pytest.mark.parametrize(
    "address",
    (
        "https://blog.example/doi/10.1000/x",
        "https://science.org.blog.example/doi/10.1000/x",
        "https://www.nature.com/articles/",
        "https://www.nature.com/articles/crane2016123",
        "https://www.nature.com/nature/volumes/1",
        "https://www.cell.com/cell/fulltext/S0092-8674(23)00123-4",
        "https://www.sciencedirect.com/science/article/pii/S0000000027000011",
        "ftp://science.org/doi/10.1000/x",
    ),
)
def test_other_addresses_tell_none(address: str) -> None:
    assert canonical_id(address) == address
