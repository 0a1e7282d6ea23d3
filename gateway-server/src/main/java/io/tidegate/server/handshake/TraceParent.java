package io.tidegate.server.handshake;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The trace that a request says it belongs to (W3C Trace Context, section 3.2). The gateway takes no part in it: the header
 * passes upstream as it is, like any other, and only the log and the admin port mention the trace.
 */
public final class TraceParent {

    private static final String NAME = "traceparent";

    /** Version, trace id, parent id, flags; versions to come may have more behind. */
    private static final Pattern VALUE =
            Pattern.compile("(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?");

    private static final String FIRST_VERSION = "00";

    private TraceParent() {}

    /** The trace id, 32 hexadecimal digits; {@code null} unless there is exactly one such header, and it is well-formed. */
    public static @Nullable String traceId(HttpHeaders headers) {
        List<String> values = headers.getAll(NAME);
        if (values.size() != 1) {
            return null;
        }
        Matcher matcher = VALUE.matcher(values.get(0));
        boolean valid = matcher.matches() && (!FIRST_VERSION.equals(matcher.group(1)) || matcher.group(3) == null);
        return valid ? matcher.group(2) : null;
    }
}
