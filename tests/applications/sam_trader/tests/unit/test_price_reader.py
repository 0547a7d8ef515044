from functions.price_reader import app


def test_a_price_is_between_0_and_100():
    assert 0 <= app.lambda_handler({}, None)["price"] <= 100
