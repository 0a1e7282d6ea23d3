package io.tidegate.server.admin;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerResponse;

/** What a request is answered. */
final class Reply {

    private static final String TEXT = "text/plain; charset=utf-8";

    private final HttpResponseStatus status;
    private final String type;
    private final byte[] body;
    private final Map<CharSequence, String> headers;

    private Reply(HttpResponseStatus status, String type, byte[] body, Map<CharSequence, String> headers) {
        this.status = status;
        this.type = type;
        this.body = body;
        this.headers = headers;
    }

    /** @param type the value of {@code Content-Type} */
    static Reply ok(String type, byte[] body) {
        return new Reply(HttpResponseStatus.OK, type, body, Map.of());
    }

    /** A line of text; what a request put into it is made fit for a terminal. */
    static Reply text(HttpResponseStatus status, String line) {
        String printable = line.replaceAll("[\\p{Cntrl}&&[^\n]]", "?");
        return new Reply(status, TEXT, (printable + '\n').getBytes(StandardCharsets.UTF_8), Map.of());
    }

    /** The same with one more header. */
    Reply with(CharSequence name, String value) {
        Map<CharSequence, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new Reply(status, type, body, more);
    }

    Publisher<Void> to(HttpServerResponse response) {
        headers.forEach(response::header);
        return response.status(status)
                .header(HttpHeaderNames.CONTENT_TYPE, type)
                .header(HttpHeaderNames.CONTENT_LENGTH, Integer.toString(body.length))
                .header(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .sendByteArray(Mono.just(body));
    }
}
