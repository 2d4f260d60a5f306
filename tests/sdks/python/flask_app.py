"""A Flask application that fails in a request."""

import sentry_sdk
import serving
from flask import Flask, request

sentry_sdk.init()
app = Flask("shop")


@app.route("/orders/<int:number>")
def order(number: int) -> str:
    coupon = request.args["coupon"]
    return {1: "one"}[number] + coupon


@app.route("/")
def front() -> str:
    return "welcome"


serving.call(app, "/", "/orders/77?coupon=SPRING")
sentry_sdk.flush()
