package io.tidegate.bench.load;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Asks for the upgrade and checks the answer (RFC 6455 section 4.1); then puts the connection's handler in its own place
 * and takes the HTTP codec out, so that bytes right behind the 101 reach that handler.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails closes the channel, which is seen
final class Handshake extends ChannelInboundHandlerAdapter {

    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private final Target target;
    private final Dialer.Attempt attempt;
    private final ChannelHandler successor;
    private final String key;
    private boolean agreed;

    /**
     * Makes a handshake.
     *
     * @param target what to ask for
     * @param attempt is told how it ended
     * @param successor reads what comes after the 101
     */
    Handshake(Target target, Dialer.Attempt attempt, ChannelHandler successor) {
        this.target = target;
        this.attempt = attempt;
        this.successor = successor;
        byte[] nonce = new byte[16];
        ThreadLocalRandom.current().nextBytes(nonce);
        this.key = Base64.getEncoder().encodeToString(nonce);
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        if (!target.tls()) {
            ask(context);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslHandshakeCompletionEvent tls && tls.isSuccess()) {
            ask(context);
        } // a failure arrives as an exception too
    }

    private void ask(ChannelHandlerContext context) {
        FullHttpRequest request =
                new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, target.requestTarget());
        request.headers()
                .set(HttpHeaderNames.HOST, target.authority())
                .set(HttpHeaderNames.UPGRADE, "websocket")
                .set(HttpHeaderNames.CONNECTION, "Upgrade")
                .set(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "13")
                .set(HttpHeaderNames.SEC_WEBSOCKET_KEY, key);
        for (Map.Entry<String, String> header : target.headers()) {
            request.headers().add(header.getKey(), header.getValue());
        }
        context.writeAndFlush(request, context.voidPromise());
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object read) {
        try {
            if (read instanceof HttpResponse response) {
                String problem = problem(response);
                if (problem != null) {
                    fail(context, problem);
                    return;
                }
                agreed = true;
            }
            if (agreed && read instanceof LastHttpContent) {
                context.pipeline().replace(this, "connection", successor);
                attempt.opened(context.channel());
                context.pipeline().remove(HttpClientCodec.class);
            }
        } finally {
            ReferenceCountUtil.release(read);
        }
    }

    private @Nullable String problem(HttpResponse response) {
        if (response.decoderResult().isFailure()) {
            return "not HTTP";
        }
        if (response.status().code() != HttpResponseStatus.SWITCHING_PROTOCOLS.code()) {
            return "HTTP " + response.status().code();
        }
        String accept = response.headers().get(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT);
        return accept(key).equals(accept) ? null : "wrong Sec-WebSocket-Accept";
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        attempt.failed("closed during the handshake");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        fail(context, Dialer.reason(cause));
    }

    private void fail(ChannelHandlerContext context, String reason) {
        attempt.failed(reason);
        context.close();
    }

    private static String accept(String key) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(US_ASCII));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible); // every JDK has SHA-1
        }
    }
}
