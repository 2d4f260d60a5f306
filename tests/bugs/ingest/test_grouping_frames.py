"""What is the same frame: builds, runs and browsers name it in many ways."""

import pytest

from bugs.ingest.grouping import frames, stack


def name(function="", module="", filename="", platform="other"):
    return frames.names([{"function": function, "module": module, "filename": filename}], platform)[0]


@pytest.mark.parametrize(
    ("function", "kept"),
    [
        ("pay", "pay"),
        ("pay_v2", "pay_v2"),
        ("sha256", "sha256"),
        ("<module>", "<module>"),
        ("<lambda>", "<lambda>"),
        ("objc_exception_throw + 56<br>", "objc_exception_throw"),
        ("-[NSObject doesNotRecognizeSelector:] +", "-[NSObject doesNotRecognizeSelector:]"),
        ("+[NSException raise:format:] + 58", "+[NSException raise:format:]"),
        ("-[UIView(Hierarchy) layout] (UIView.m:12)", "-[UIView(Hierarchy) layout]"),
        ("__24-[Cart pay:]_block_invoke_2", "-[Cart pay:]"),
        ("__TiThread_block_invoke214 (TiBase.m:323)", "__TiThread"),
        ("lambda$pay$3", "lambda$pay"),
        ("lambda$3", "lambda"),
        ("access$2400", "access"),
        ("ns::Lock::grab(unsigned int, Spin&) (in My App)", "ns::Lock::grab"),
        ("(anonymous namespace)::pop(void*)", "(anonymous namespace)::pop"),
        ("A::operator()(int) const", "A::operator()"),
        ("core::call_once::h0123456789abcdef", "core::call_once"),
        ("foo.constprop.0.cold.1", "foo"),
        ("main.(*Server).Handle.func1.2", "main.(*Server).Handle.func"),
        ("block (2 levels) in Payments#pay", "Payments#pay"),
        ("closure #1 in Cart.pay(_:)", "Cart.pay"),
        ("<PayAsync>d__3", "PayAsync"),
        ("0x7fff2038", ""),
        ("<redacted>", ""),
        ("???", ""),
    ],
)
def test_functions_of_compiled_and_other_languages(function, kept):
    assert name(function) == kept


@pytest.mark.parametrize(
    ("module", "filename", "place"),
    [
        ("shop.pay", "shop/pay.py", "shop.pay"),
        ("com.shop.Cart$1", "", "com.shop.Cart"),
        ("com.shop.Cart$Item", "", "com.shop.Cart$Item"),
        ("com.shop.Cart$$EnhancerBySpringCGLIB$$1a2b3c", "", "com.shop.Cart"),
        ("com.shop.Cart$$Lambda$14/0x0008", "", "com.shop.Cart"),
        ("jdk.internal.reflect.GeneratedMethodAccessor12", "", "jdk.internal.reflect.GeneratedMethodAccessor"),
        ("/usr/lib/libfoo.dylib", "", "lib/libfoo.dylib"),
        ("", "/srv/releases/20260501/app/models/cart.rb", "models/cart.rb"),
        ("", "C:\\Users\\bob\\shop\\Cart.cs", "shop/Cart.cs"),
        ("", "/srv/3f2a1b9/main.go", "<n>/main.go"),
    ],
)
def test_places_of_compiled_and_other_languages(module, filename, place):
    assert name("pay", module, filename) == f"{place} in pay"


@pytest.mark.parametrize(
    ("filename", "place"),
    [
        ("https://shop.example/static/js/main.3f2a1b9c.js?v=3#top", "main.js"),
        ("/assets/index-BfX3kZ1a.js", "index.js"),
        ("/assets/index-BfXkZdKa.js", "index.js"),
        ("chunk-7P6SGZ4H.js", "chunk.js"),
        ("page-0f1e2d3c4b5a6978.js", "page.js"),
        ("jquery-3.6.0.min.js", "jquery.min.js"),
        ("1234.js", "<n>.js"),
        ("main.daafbdac.js", "main.js"),
        ("decade.js", "decade.js"),
        ("i18next.js", "i18next.js"),
        ("CheckoutPageView.js", "CheckoutPageView.js"),
        ("check-handlers.js", "check-handlers.js"),
        ("webpack-internal:///./src/app.tsx", "app.tsx"),
        ("https://shop.example/orders/1234", "<n>"),
        ("/srv/app/node_modules/express/lib/router.js", "router.js"),
    ],
)
def test_places_of_scripts(filename, place):
    assert name("pay", "", filename, "javascript") == f"{place} in pay"


@pytest.mark.parametrize(
    "function",
    [
        *("pay", "Object.pay", "Shop.Cart.pay [as onclick]", "async*pay", "promise callback*pay", "new pay"),
        *("async Cart.pay", "Cart.prototype.pay", "Cart/this.pay", "static Cart.pay"),
    ],
)
def test_the_last_identifier_of_a_script_s_function(function):
    assert name(function, "", "app.js") == "app.js in pay"


@pytest.mark.parametrize(
    "function",
    [
        *("", "?", "pay/<", "pay/</<", "Anonymous function", "anonymous", "Object.<anonymous>", "e.<computed>"),
        *("global code", "Object.83524", "<anonymous>"),
    ],
)
def test_functions_of_scripts_without_a_name(function):
    assert name(function, "", "app.js") == "app.js in <anonymous>"


@pytest.mark.parametrize(
    ("function", "filename"),
    [("Array.forEach", "<anonymous>"), ("forEach", "[native code]"), ("?", ""), ("sentryWrapped", "app.js")],
)
def test_frames_of_the_browser_itself_and_of_agents_are_none(function, filename):
    assert name(function, "", filename, "javascript") == ""


def test_texts_of_any_other_kind_are_none():
    odd = [{"function": ["pay"], "module": {"a": 1}, "filename": 7}, {"function": "pay", "module": None}]
    assert frames.names(odd, "python") == ["", "pay"]


# One error in four browsers: a click handler calls `pay`, which maps over the lines of a cart.
CHROME = [
    ("<anonymous>", "?"),
    ("https://shop.example/assets/app.5d41402a.js", "HTMLButtonElement.<anonymous>"),
    ("https://shop.example/assets/app.5d41402a.js", "Cart.pay"),
    ("<anonymous>", "Array.map"),
    ("https://shop.example/assets/app.5d41402a.js", "?"),
    ("https://shop.example/assets/app.5d41402a.js", "priceOf"),
]
FIREFOX = [
    ("https://shop.example/assets/app.5d41402a.js?cached", "listen/<"),
    ("https://shop.example/assets/app.5d41402a.js?cached", "pay"),
    ("https://shop.example/assets/app.5d41402a.js?cached", "pay/<"),
    ("https://shop.example/assets/app.5d41402a.js?cached", "priceOf"),
]
SAFARI = [
    ("https://shop.example/assets/app.7d793037.js", ""),
    ("https://shop.example/assets/app.7d793037.js", "pay"),
    ("[native code]", "map"),
    ("https://shop.example/assets/app.7d793037.js", "?"),
    ("https://shop.example/assets/app.7d793037.js", "priceOf"),
]
EDGE = [
    ("https://shop.example/assets/app.5d41402a.js#x", "Anonymous function"),
    ("https://shop.example/assets/app.5d41402a.js#x", "Cart.prototype.pay"),
    ("native code", "Array.prototype.map"),
    ("https://shop.example/assets/app.5d41402a.js#x", "Anonymous function"),
    ("https://shop.example/assets/app.5d41402a.js#x", "priceOf"),
]


@pytest.mark.parametrize("browser", [CHROME, FIREFOX, SAFARI, EDGE], ids=["chrome", "firefox", "safari", "edge"])
def test_four_browsers_agree_on_one_error(browser):
    sent = [{"filename": file, "function": function, "in_app": True} for file, function in browser]
    _, own = stack.read(sent, "javascript", 5)
    assert own == ("app.js in priceOf", "app.js in <anonymous>", "app.js in pay", "app.js in <anonymous>")


@pytest.mark.parametrize(
    ("steps", "kept"),
    [
        ("abc", "abc"),
        ("aaabc", "abc"),
        ("ababab", "ab"),
        ("xababa", "xaba"),
        ("abcabcabcd", "abcd"),
        ("abcabd", "abcabd"),
        ("aabbaabb", "ab"),
        ("", ""),
    ],
)
def test_cycles_are_gone_round_once(steps, kept):
    assert "".join(stack.collapsed(steps, 50)) == kept


def test_only_the_first_steps_are_kept():
    assert stack.collapsed([str(number) for number in range(60)], 50) == tuple(str(number) for number in range(50))
