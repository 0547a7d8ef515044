"""Reads a price."""

from random import randint


def lambda_handler(event, context):
    return {"price": randint(0, 100)}
