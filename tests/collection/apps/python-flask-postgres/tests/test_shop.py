from shop import create_app


def test_routes():
    assert "/health" in {str(rule) for rule in create_app().url_map.iter_rules()}
