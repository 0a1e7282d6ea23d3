package io.tidegate.server.handshake;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import io.tidegate.server.failure.DialException;
import io.tidegate.server.failure.Failure;
import io.tidegate.server.failure.GatewayException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.MonoSink;

/**
 * The client side of the opening handshake (RFC 6455, section 4.1), behind an HTTP codec on the upstream leg: sends the
 * request, judges the answer.
 *
 * <p><b>Signals:</b> the sink gets the answer to a 101 that is right, a {@link RefusedException} for any other status, and
 * a {@link GatewayException} ({@link Failure#UPSTREAM_FAILED}, {@link Failure#UPSTREAM_TIMEOUT}) for anything else. It is
 * called on the event loop, before the codec has given out a byte that follows the 101. <b>Ownership:</b> the connection
 * stays open after a 101 and is closed otherwise.
 */
@SuppressWarnings("FutureReturnValueIgnored") // closing needs no answer
public final class UpstreamHandshake extends ChannelInboundHandlerAdapter {

    /** How much of a refusal's body is passed on: 64 KiB. */
    public static final int MAX_REFUSAL_BODY = 64 * 1024;

    private static final String ACCEPT_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private final OpeningRequest request;
    private final String target;
    private final long timeoutNanos;
    private final MonoSink<OpeningAnswer> sink;
    private final String key = newKey();

    private @Nullable HttpResponse response;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream(0);
    private @Nullable ScheduledFuture<?> timer;
    private boolean done;

    /**
     * @param target path and query to ask for
     * @param timeoutNanos how long the answer may take, in nanoseconds
     */
    public UpstreamHandshake(OpeningRequest request, String target, long timeoutNanos, MonoSink<OpeningAnswer> sink) {
        this.request = request;
        this.target = target;
        this.timeoutNanos = timeoutNanos;
        this.sink = sink;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        timer = ctx.executor().schedule(() -> timedOut(ctx), timeoutNanos, TimeUnit.NANOSECONDS);
        ctx.writeAndFlush(upgradeRequest()).addListener(written -> {
            if (!written.isSuccess()) {
                fail(ctx, "sending the handshake failed: " + written.cause().getMessage(), written.cause());
            }
        });
        ctx.channel().config().setAutoRead(true);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        ScheduledFuture<?> running = timer;
        if (running != null) {
            running.cancel(false);
            timer = null;
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (done) {
                return;
            }
            if (message instanceof HttpResponse head) {
                if (head.decoderResult().isFailure()) {
                    Throwable cause = head.decoderResult().cause();
                    fail(ctx, "its answer is not HTTP: " + cause.getMessage(), cause);
                    return;
                }
                String wrong =
                        head.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS) ? wrongWith(head.headers()) : null;
                if (wrong != null) {
                    fail(ctx, wrong, null);
                    return;
                }
                response = head;
            }
            HttpResponse head = response;
            if (head != null && message instanceof HttpContent content) {
                content(ctx, head, content);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        fail(ctx, "it closed the connection before it answered the handshake", null);
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(ctx, "the handshake failed: " + cause.getMessage(), cause);
    }

    private void content(ChannelHandlerContext ctx, HttpResponse head, HttpContent content) {
        boolean last = content instanceof LastHttpContent;
        if (head.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
            if (last) {
                accept(head.headers());
            }
        } else if (head.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
            response = last ? null : head;
        } else if (content.decoderResult().isFailure()) {
            Throwable cause = content.decoderResult().cause();
            fail(ctx, "its answer is not HTTP: " + cause.getMessage(), cause);
        } else {
            boolean full = take(content.content());
            if (last || full) {
                HttpHeaders headers = HeaderRules.endToEnd(head.headers()).remove(HttpHeaderNames.CONTENT_LENGTH);
                end(ctx, new RefusedException(head.status(), headers, body.toByteArray()));
            }
        }
    }

    private boolean take(ByteBuf content) {
        int length = Math.min(content.readableBytes(), MAX_REFUSAL_BODY - body.size());
        try {
            content.readBytes(body, length);
        } catch (IOException e) {
            throw new IllegalStateException("a stream in memory failed", e);
        }
        return body.size() == MAX_REFUSAL_BODY;
    }

    private void accept(HttpHeaders headers) {
        done = true;
        List<String> extensions = headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS);
        sink.success(new OpeningAnswer(
                HeaderRules.endToEnd(headers),
                headers.get(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL),
                Extensions.told(extensions, request.extensions(), request.compression())));
    }

    /** What makes the 101 invalid (RFC 6455, section 4.1, "the client MUST validate"), or {@code null}. */
    private @Nullable String wrongWith(HttpHeaders headers) {
        List<String> protocols = headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
        if (!HeaderRules.tokens(headers.getAll(HttpHeaderNames.UPGRADE)).contains("websocket")) {
            return "its 101 has Upgrade: " + headers.get(HttpHeaderNames.UPGRADE) + " (expected: websocket)";
        }
        if (!HeaderRules.tokens(headers.getAll(HttpHeaderNames.CONNECTION)).contains("upgrade")) {
            return "its 101 has Connection: " + headers.get(HttpHeaderNames.CONNECTION) + " (expected: Upgrade)";
        }
        if (!acceptOf(key).equals(headers.get(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT))) {
            return "its Sec-WebSocket-Accept does not belong to the key";
        }
        if (protocols.size() > 1 || !request.subprotocols().containsAll(protocols)) {
            return "it chose subprotocol " + String.join(" and ", protocols) + " (expected: one of "
                    + request.subprotocols() + ')';
        }
        List<String> extensions = headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS);
        if (!Extensions.isAcceptable(extensions, request.extensions(), request.compression())) {
            String offered = request.extensions();
            return "it chose extension " + String.join(", ", extensions) + " (expected: "
                    + (offered == null ? "none" : "one of " + offered) + ')';
        }
        return null;
    }

    private void timedOut(ChannelHandlerContext ctx) {
        end(ctx, unclear(Failure.UPSTREAM_TIMEOUT, "it did not answer the handshake within connectTimeout", null));
    }

    private void fail(ChannelHandlerContext ctx, String what, @Nullable Throwable cause) {
        end(ctx, unclear(Failure.UPSTREAM_FAILED, what, cause));
    }

    private static DialException unclear(Failure kind, String what, @Nullable Throwable cause) {
        return new DialException(kind, DialException.Fault.UNCLEAR, what, cause);
    }

    private void end(ChannelHandlerContext ctx, GatewayException failure) {
        if (!done) {
            done = true;
            ctx.close();
            sink.error(failure);
        }
    }

    private FullHttpRequest upgradeRequest() {
        HttpHeaders headers = request.headers().copy();
        headers.set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET);
        headers.set(HttpHeaderNames.CONNECTION, "Upgrade");
        headers.set(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "13");
        headers.set(HttpHeaderNames.SEC_WEBSOCKET_KEY, key);
        if (!request.subprotocols().isEmpty()) {
            headers.set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, String.join(", ", request.subprotocols()));
        }
        if (request.extensions() != null) {
            headers.set(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS, request.extensions());
        }
        return new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1,
                HttpMethod.GET,
                target,
                Unpooled.EMPTY_BUFFER,
                headers,
                EmptyHttpHeaders.INSTANCE);
    }

    private static String newKey() {
        byte[] nonce = new byte[16];
        ThreadLocalRandom.current().nextBytes(nonce);
        return Base64.getEncoder().encodeToString(nonce);
    }

    private static String acceptOf(String key) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-1").digest((key + ACCEPT_GUID).getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }
}
