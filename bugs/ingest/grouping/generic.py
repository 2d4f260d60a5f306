"""Frames that say little of what went wrong: the machinery of throwing and aborting, and where programs begin. Pure."""

import re

_FUNCTIONS = frozenset(
    # Apple
    {"__exceptionPreprocess", "objc_exception_throw", "_objc_terminate", "__kill", "__pthread_kill", "pthread_kill"}
    | {"_CF_forwarding_prep_0", "___forwarding___", "-[NSObject doesNotRecognizeSelector:]", "_sigtramp"}
    | {"-[NSObject(NSObject) doesNotRecognizeSelector:]", "+[NSException raise:format:arguments:]"}
    | {"+[NSException raise:format:]", "-[NSException raise]", "objc_exception_rethrow", "__abort_with_payload"}
    | {"-[NSAssertionHandler handleFailureInMethod:object:file:lineNumber:description:]", "swift_unexpectedError"}
    | {"-[NSAssertionHandler handleFailureInFunction:file:lineNumber:description:]", "swift_runtime_on_report"}
    | {"objc_msgSend", "objc_retain", "objc_release", "__assert_rtn", "_swift_runtime_on_report", "_assertionFailure"}
    # C and C++
    | {"abort", "raise", "gsignal", "terminate", "exit", "__cxa_throw", "__cxa_rethrow", "_Unwind_RaiseException"}
    | {"std::terminate", "std::__terminate", "__cxxabiv1::__terminate", "__assert_fail", "__GI_raise", "__GI_abort"}
    | {"__gnu_cxx::__verbose_terminate_handler", "RaiseException", "CxxThrowException", "_CxxThrowException"}
    | {"KiUserExceptionDispatcher", "kill", "tgkill", "syscall", "__restore_rt", "__libc_message", "__fortify_fail"}
    # Rust, Go
    | {"rust_panic", "rust_begin_unwind", "core::panicking::panic", "core::panicking::panic_fmt", "runtime.gopanic"}
    | {"std::panicking::begin_panic", "std::panicking::rust_panic_with_hook", "core::result::unwrap_failed"}
    | {"core::option::expect_failed", "core::panicking::panic_bounds_check", "runtime.panicmem", "runtime.sigpanic"}
    | {"runtime.goPanicIndex", "runtime.throw", "gopanic", "panicmem", "sigpanic", "goPanicIndex", "panic"}
)
_PLACED = frozenset(
    {"java.util.Objects in requireNonNull", "java.util.Objects in checkIndex", "java.util.Optional in orElseThrow"}
    | {"java.util.Optional in get", "java.lang.Throwable in <init>", "java.lang.Exception in <init>"}
    | {"jdk.internal.util.Preconditions in outOfBounds", "jdk.internal.util.Preconditions in checkIndex"}
    | {"jdk.internal.util.Preconditions in outOfBoundsCheckIndex", "java.lang.Throwable in fillInStackTrace"}
    | {"kotlin.jvm.internal.Intrinsics in throwNpe", "kotlin.jvm.internal.Intrinsics in throwUninitializedProperty"}
    | {"System.ThrowHelper in ThrowArgumentNullException", "System.ThrowHelper in ThrowInvalidOperationException"}
)
_ENTRIES = frozenset(
    {"main", "_main", "wmain", "WinMain", "wWinMain", "start", "_start", "start_sim", "__libc_start_main"}
    | {"UIApplicationMain", "NSApplicationMain", "thread_start", "__main__ in <module>"}
)
_THROWER = re.compile(r" in (?:throw|rethrow|_throw|Throw|ThrowHelper)[A-Z_]?\w*$")


def is_generic(name: str) -> bool:
    """Whether a frame's name only tells that there is an error."""
    function = name.rpartition(" in ")[2]
    return function in _FUNCTIONS or name in _PLACED or _THROWER.search(name) is not None


def is_entry(name: str) -> bool:
    """Whether every error of a program has this frame, or might."""
    return name in _ENTRIES or name.rpartition(" in ")[2] in _ENTRIES
