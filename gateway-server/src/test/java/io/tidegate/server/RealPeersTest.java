package io.tidegate.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.testkit.Pattern;
import io.tidegate.testkit.Peer;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.java_websocket.client.WebSocketClient;
import org.java_websocket.drafts.Draft_6455;
import org.java_websocket.extensions.IExtension;
import org.java_websocket.extensions.permessage_deflate.PerMessageDeflateExtension;
import org.java_websocket.handshake.ClientHandshake;
import org.java_websocket.handshake.ServerHandshake;
import org.java_websocket.protocols.IProtocol;
import org.java_websocket.protocols.Protocol;
import org.java_websocket.server.WebSocketServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Other people's WebSocket libraries talk through the gateway: the JDK's client, Java-WebSocket's client and server. */
@Timeout(60)
class RealPeersTest {

    @RegisterExtension
    final GatewayFixture fixture = new GatewayFixture();

    private EchoServer server;

    @BeforeEach
    void start() throws InterruptedException {
        server = fixture.track(new EchoServer());
        server.listening.await();
        fixture.start(GatewayFixture.config(
                GatewayFixture.UNLIMITED, Peer.PATIENCE, List.of(URI.create("ws://127.0.0.1:" + server.getPort()))));
    }

    @Test
    void theJdksClientTalksToJavaWebSocket() throws Exception {
        JdkClient client = new JdkClient();
        WebSocket socket = client.open(address());
        socket.sendText("hello caf\u00e9 \u20ac", true).get();
        assertThat(client.next()).isEqualTo("text hello caf\u00e9 \u20ac");
        socket.sendText("in ", false).get();
        socket.sendText("two parts", true).get();
        assertThat(client.next()).isEqualTo("text in two parts");
        byte[] large = new Pattern(1).bytes(3_000_000);
        socket.sendBinary(ByteBuffer.wrap(large), true).get();
        assertThat(client.next()).isEqualTo("binary " + large.length + " " + crc(large));
        socket.sendPing(ByteBuffer.wrap(new byte[] {1, 2, 3})).get();
        assertThat(client.next()).isEqualTo("pong 3");
        socket.sendClose(4001, "enough").get();
        assertThat(client.next()).isEqualTo("close 4001 enough");
        assertThat(server.next()).isEqualTo("close 4001 enough remote=true");
    }

    @Test
    void theJdksClientLearnsOfTheServersClose() throws Exception {
        JdkClient client = new JdkClient();
        client.open(address());
        server.connection().close(4029, "too many");
        assertThat(client.next()).isEqualTo("close 4029 too many");
    }

    @Test
    void theJdksClientGetsTheSubprotocolThatJavaWebSocketChose() throws Exception {
        JdkClient client = new JdkClient();
        WebSocket socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .subprotocols("v9", "v2")
                .buildAsync(address(), client)
                .get();
        assertThat(socket.getSubprotocol()).isEqualTo("v2");
        socket.abort();
        assertThat(server.next()).contains("remote=true");
    }

    @Test
    void javaWebSocketTalksToItselfCompressed() throws Exception {
        JavaWebSocketClient client = fixture.track(
                new JavaWebSocketClient(address(), new Draft_6455(List.of(new PerMessageDeflateExtension()))));
        assertThat(client.connectBlocking(Peer.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .as("%s", client.events)
                .isTrue();
        assertThat(client.handshake()).contains("permessage-deflate");
        String repetitive = "squeeze me ".repeat(20_000);
        client.send(repetitive);
        assertThat(client.next()).isEqualTo("text " + repetitive);
        for (int i = 0; i < 100; i++) {
            client.send("number " + i + " of something that repeats and repeats and repeats");
        }
        for (int i = 0; i < 100; i++) {
            assertThat(client.next())
                    .isEqualTo("text number " + i + " of something that repeats and repeats and repeats");
        }
        client.closeBlocking();
        assertThat(client.next()).startsWith("close 1000");
        double bytes = fixture.metrics().value("tidegate_message_bytes_total", "direction", "to_upstream");
        assertThat(bytes).as("compressed on the wire").isLessThan(repetitive.length() / 4.0);
    }

    @Test
    void javaWebSocketTalksToItselfUncompressed() throws Exception {
        JavaWebSocketClient client = fixture.track(new JavaWebSocketClient(address(), new Draft_6455()));
        assertThat(client.connectBlocking(Peer.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        byte[] large = new Pattern(2).bytes(5_000_000);
        client.send(large);
        assertThat(client.next()).isEqualTo("binary " + large.length + " " + crc(large));
        client.close(4000, "bye");
        assertThat(client.next()).startsWith("close 4000 bye");
        assertThat(server.next()).isEqualTo("close 4000 bye remote=true");
    }

    private URI address() {
        return URI.create("ws://127.0.0.1:" + fixture.address().getPort() + "/chat?x=1");
    }

    private static long crc(byte[] bytes) {
        java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
        crc.update(bytes);
        return crc.getValue();
    }

    private static String take(BlockingQueue<String> events) throws InterruptedException {
        return Objects.requireNonNull(
                events.poll(Peer.PATIENCE.toSeconds(), TimeUnit.SECONDS), "nothing happened for " + Peer.PATIENCE);
    }

    /** The JDK's client, what happened to it as lines. */
    private static final class JdkClient implements WebSocket.Listener {
        private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
        private final StringBuilder text = new StringBuilder();
        private final java.io.ByteArrayOutputStream binary = new java.io.ByteArrayOutputStream();

        WebSocket open(URI uri) throws Exception {
            return HttpClient.newHttpClient()
                    .newWebSocketBuilder()
                    .buildAsync(uri, this)
                    .get();
        }

        String next() throws InterruptedException {
            return take(events);
        }

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                events.add("text " + text);
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            binary.writeBytes(bytes);
            if (last) {
                events.add("binary " + binary.size() + " " + crc(binary.toByteArray()));
                binary.reset();
            }
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onPong(WebSocket socket, ByteBuffer message) {
            events.add("pong " + message.remaining());
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            events.add("close " + code + " " + reason);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            events.add("error " + error);
        }
    }

    private static final class JavaWebSocketClient extends WebSocketClient implements AutoCloseable {
        private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
        private volatile String extensions = "";

        JavaWebSocketClient(URI uri, Draft_6455 draft) {
            super(uri, draft);
        }

        String next() throws InterruptedException {
            return take(events);
        }

        String handshake() {
            return extensions;
        }

        @Override
        public void onOpen(ServerHandshake handshake) {
            extensions = handshake.getFieldValue("Sec-WebSocket-Extensions");
        }

        @Override
        public void onMessage(String message) {
            events.add("text " + message);
        }

        @Override
        public void onMessage(ByteBuffer bytes) {
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            events.add("binary " + copy.length + " " + crc(copy));
        }

        @Override
        public void onClose(int code, String reason, boolean remote) {
            events.add("close " + code + " " + reason + " remote=" + remote);
        }

        @Override
        public void onError(Exception e) {
            events.add("error " + e);
        }
    }

    /** Java-WebSocket's server with compression and the subprotocols v1 and v2. */
    private static final class EchoServer extends WebSocketServer implements AutoCloseable {
        private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
        private final BlockingQueue<org.java_websocket.WebSocket> opened = new LinkedBlockingQueue<>();
        private final CountDownLatch listening = new CountDownLatch(1);

        EchoServer() {
            super(new InetSocketAddress("127.0.0.1", 0), 1, List.of(draft()));
            setReuseAddr(true);
            setDaemon(true);
            setTcpNoDelay(true);
            start();
        }

        private static Draft_6455 draft() {
            List<IExtension> extensions = List.of(new PerMessageDeflateExtension());
            List<IProtocol> protocols =
                    new ArrayList<>(List.of(new Protocol("v1"), new Protocol("v2"), new Protocol("")));
            return new Draft_6455(extensions, protocols);
        }

        String next() throws InterruptedException {
            return take(events);
        }

        org.java_websocket.WebSocket connection() throws InterruptedException {
            return Objects.requireNonNull(opened.poll(Peer.PATIENCE.toSeconds(), TimeUnit.SECONDS));
        }

        @Override
        public void onStart() {
            listening.countDown();
        }

        @Override
        public void onOpen(org.java_websocket.WebSocket socket, ClientHandshake handshake) {
            opened.add(socket);
        }

        @Override
        public void onMessage(org.java_websocket.WebSocket socket, String message) {
            socket.send(message);
        }

        @Override
        public void onMessage(org.java_websocket.WebSocket socket, ByteBuffer message) {
            socket.send(message);
        }

        @Override
        public void onClose(org.java_websocket.WebSocket socket, int code, String reason, boolean remote) {
            events.add("close " + code + " " + reason + " remote=" + remote);
        }

        @Override
        public void onError(org.java_websocket.@Nullable WebSocket socket, Exception e) {
            events.add("error " + e);
        }

        @Override
        public void close() throws InterruptedException {
            stop(1000);
        }
    }
}
