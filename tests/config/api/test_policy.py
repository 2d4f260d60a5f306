"""What browsers may load: nothing for the API, what pages need for pages."""

API = "default-src 'none'; frame-ancestors 'none'"


def test_the_api_allows_nothing(api, bug):
    client = api("carol")
    for path in ("/api/v1/bugs/", f"/api/v1/bugs/{bug.pk}/", "/api/v1/bugs/WEB-99/"):
        assert client.get(path)["Content-Security-Policy"] == API


def test_pages_load_their_own(db, client):
    policy = client.get("/api/docs/")["Content-Security-Policy"]
    assert "default-src" in policy and "'none'" not in policy.split("default-src")[1].split(";")[0]
