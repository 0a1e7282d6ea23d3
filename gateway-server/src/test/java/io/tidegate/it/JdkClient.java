package io.tidegate.it;

import io.tidegate.testkit.Patience;
import io.tidegate.testkit.Peer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's own WebSocket client, and the text messages that came to it.
 *
 * <p><b>Threads:</b> one at a time sends; the rest may be called from any thread.
 */
final class JdkClient implements AutoCloseable {

    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Peer.PATIENCE).build();

    private final List<String> received = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final WebSocket socket;

    private JdkClient(URI uri) {
        socket = get(HTTP.newWebSocketBuilder().connectTimeout(Peer.PATIENCE).buildAsync(uri, new Received()));
    }

    /** Connects; fails when the answer is no 101. */
    static JdkClient connect(URI uri) {
        return new JdkClient(uri);
    }

    /** Sends a text message. */
    void send(String text) {
        get(socket.sendText(text, true));
    }

    /** All text messages so far. */
    List<String> received() {
        return List.copyOf(received);
    }

    /** Waits until so many text messages came. */
    List<String> awaitReceived(int count) {
        return Patience.await(count + " messages", this::received, messages -> messages.size() >= count);
    }

    /** Sends Close, and waits for the answer's code. */
    int closeWith(int code) {
        get(socket.sendClose(code, ""));
        return awaitClose();
    }

    /** Waits for a Close, and gives its code. */
    int awaitClose() {
        return get(closed);
    }

    /** Whether its connection is up. */
    boolean isOpen() {
        return !socket.isInputClosed() && !socket.isOutputClosed();
    }

    /** Goes without a word. */
    @Override
    public void close() {
        socket.abort();
    }

    private static <T> T get(CompletableFuture<T> future) {
        try {
            return future.get(Peer.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    private final class Received implements WebSocket.Listener {
        private final StringBuilder begun = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            begun.append(data);
            if (last) {
                received.add(begun.toString());
                begun.setLength(0);
            }
            from.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            closed.complete(code);
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable failure) {
            closed.completeExceptionally(failure);
        }
    }
}
