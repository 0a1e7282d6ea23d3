package io.tidegate.server.requests;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tidegate.json.JsonPointer;
import io.tidegate.server.config.continuity.Replay;
import io.tidegate.server.config.continuity.RequestsConfig;
import io.tidegate.server.config.continuity.RequestsConfig.Preset;
import io.tidegate.server.requests.Requests.FromClient;
import io.tidegate.server.requests.Requests.FromUpstream;
import io.tidegate.testkit.ManualTicker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Requests between two peers that speak in strings, and what their listener heard. */
final class Dialogue {

    static final Duration TIMEOUT = Duration.ofSeconds(30);

    final ManualTicker ticker = new ManualTicker();
    /** {@code answered 1 after 5000}, {@code cancelled 1}; in nanoseconds. */
    final List<String> heard = new ArrayList<>();

    final Requests<Message> requests;

    /** A message as the engine has it; no two are the same. */
    static final class Message {

        private final String name;

        Message(String name) {
            this.name = name;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    Dialogue(RequestsConfig config) {
        this.requests = new Requests<>(
                config,
                new RequestListener<>() {
                    @Override
                    public void answered(Message message, long latencyNanos) {
                        heard.add("answered " + message + " after " + latencyNanos);
                    }

                    @Override
                    public void cancelled(Message message) {
                        heard.add("cancelled " + message);
                    }
                },
                ticker);
    }

    Dialogue(Preset preset) {
        this(config(preset, Replay.ALL));
    }

    static RequestsConfig config(Preset preset, Replay replay) {
        return new RequestsConfig(preset, null, null, replay, null, TIMEOUT);
    }

    static RequestsConfig custom(String id, @Nullable String method, @Nullable String error) {
        return new RequestsConfig(
                Preset.CUSTOM,
                JsonPointer.parse(id),
                method == null ? null : JsonPointer.parse(method),
                Replay.ALL,
                error,
                TIMEOUT);
    }

    /** A message of the client that is to be tracked. */
    Message request(String text) {
        Message message = new Message(text);
        FromClient outcome = fromClient(text, message);
        if (outcome != FromClient.REQUEST) {
            throw new AssertionError(text + ": " + outcome + " (expected: REQUEST)");
        }
        return message;
    }

    FromClient fromClient(String text) {
        return fromClient(text, new Message(text));
    }

    FromClient fromClient(String text, Message message) {
        return requests.fromClient(payload(text), message);
    }

    FromUpstream fromUpstream(String text) {
        return requests.fromUpstream(payload(text));
    }

    @Nullable
    String fail(Message message, FailReason reason) {
        byte[] reply = requests.fail(message, reason);
        return reply == null ? null : new String(reply, UTF_8);
    }

    /** In the middle of a buffer, so that indexes that should be relative to it show. */
    static ByteBuf payload(String text) {
        return Unpooled.copiedBuffer("xx" + text + "]}\"", UTF_8).slice(2, text.getBytes(UTF_8).length);
    }
}
