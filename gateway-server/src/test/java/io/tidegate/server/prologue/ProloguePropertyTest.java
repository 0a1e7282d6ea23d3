package io.tidegate.server.prologue;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tidegate.json.JsonPointer;
import io.tidegate.server.config.continuity.PrologueConfig;
import io.tidegate.server.config.continuity.Replay;
import io.tidegate.server.config.continuity.RequestsConfig;
import io.tidegate.server.config.continuity.RequestsConfig.Preset;
import io.tidegate.server.prologue.Prologue.Kept;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Random conversations against a naive model; and every buffer that was kept is released. */
class ProloguePropertyTest {

    private static final int CONVERSATIONS = 300;
    private static final int STEPS = 200;
    private static final int ROOM = 400;

    private static final PrologueConfig RULE = new PrologueConfig(
            0,
            JsonPointer.parse("/method"),
            Set.of("auth", "join"),
            JsonPointer.parse("/params/room"),
            Set.of("leave"),
            false);
    private static final RequestsConfig REQUESTS =
            new RequestsConfig(Preset.JSON_RPC, null, null, Replay.ALL, null, Duration.ofSeconds(30));

    private static final String[] METHODS = {"auth", "join", "join", "leave", "say"};
    private static final String[] ROOMS = {"1", "\"1\"", "\"a\"", "\"\\u0061\"", "null", "[]", ""};
    private static final String[] IDS = {"1", "2", "\"1\"", ""};

    @Test
    void agreesWithANaiveModel() {
        for (long seed = 0; seed < CONVERSATIONS; seed++) {
            Conversation conversation = new Conversation(new Random(seed));
            try {
                for (int step = 0; step < STEPS; step++) {
                    conversation.step();
                    conversation.check();
                }
                conversation.end();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + String.join("\n", conversation.log), e);
            }
        }
    }

    /** A kept message, as the model has it. */
    private record Model(
            String text, String method, @Nullable String room, String id) {}

    private static final class Conversation {

        private final Random random;
        private final Prologue<String> prologue = new Prologue<>(RULE, REQUESTS, ROOM);
        private final List<String> log = new ArrayList<>();

        private final List<Model> kept = new ArrayList<>();
        private final Map<String, Integer> expected = new HashMap<>();
        /** All buffers that were ever handed out. */
        private final Set<ByteBuf> seen = Collections.newSetFromMap(new IdentityHashMap<>());

        private Conversation(Random random) {
            this.random = random;
        }

        void step() {
            switch (random.nextInt(8)) {
                case 0 -> replay();
                case 1, 2, 3 -> upstream();
                case 4 -> {
                    if (random.nextInt(5) == 0) {
                        prologue.legLost();
                        expected.clear();
                    }
                }
                default -> client();
            }
        }

        private void client() {
            String method = pick(METHODS);
            String room = pick(ROOMS);
            String id = pick(IDS);
            String text = "{\"method\":\"" + method + "\""
                    + (room.isEmpty() ? "" : ",\"params\":{\"room\":" + room + "}")
                    + (id.isEmpty() ? "" : ",\"id\":" + id)
                    + ",\"n\":" + log.size() + "}";
            log.add("client: " + text);
            ByteBuf wire = Unpooled.copiedBuffer(text, UTF_8);
            Kept outcome = prologue.fromClient(wire, Unpooled.copiedBuffer(text, UTF_8), text);
            wire.release();
            assertThat(outcome).isEqualTo(expect(new Model(text, method, key(room), id)));
        }

        private Kept expect(Model message) {
            if (message.method().equals("leave")) {
                kept.removeIf(other -> message.room() != null && message.room().equals(other.room()));
            }
            if (!Set.of("auth", "join").contains(message.method())) {
                return Kept.NO;
            }
            List<Model> after = new ArrayList<>(kept);
            after.removeIf(
                    other -> other.method().equals(message.method()) && Objects.equals(other.room(), message.room()));
            after.add(message);
            if (after.stream().mapToInt(each -> each.text().length()).sum() > ROOM) {
                return Kept.FULL;
            }
            kept.clear();
            kept.addAll(after);
            return Kept.YES;
        }

        private static @Nullable String key(String room) {
            return room.isEmpty() || room.equals("null") || room.equals("[]") ? null : room.replace("\\u0061", "a");
        }

        private void replay() {
            List<PrologueEntry<String>> entries = prologue.entries();
            for (int i = 0; i < entries.size(); i++) {
                if (random.nextBoolean()) {
                    log.add("replayed: " + entries.get(i).message());
                    prologue.replayed(entries.get(i));
                    if (!kept.get(i).id().isEmpty()) {
                        expected.merge(kept.get(i).id(), 1, Integer::sum);
                    }
                }
            }
        }

        private void upstream() {
            String id = pick(IDS);
            boolean reply = !id.isEmpty() && random.nextInt(4) != 0;
            String text =
                    (reply ? "{\"result\":0" : "{\"method\":\"ask\"") + (id.isEmpty() ? "" : ",\"id\":" + id) + "}";
            boolean swallowed = reply && expected.containsKey(id);
            if (swallowed) {
                expected.computeIfPresent(id, (same, count) -> count == 1 ? null : count - 1);
            }
            log.add("upstream: " + text);
            assertThat(prologue.swallows(Unpooled.copiedBuffer(text, UTF_8))).isEqualTo(swallowed);
        }

        void check() {
            List<PrologueEntry<String>> entries = prologue.entries();
            assertThat(entries.stream().map(PrologueEntry::message).toList())
                    .isEqualTo(kept.stream().map(Model::text).toList());
            assertThat(entries).allMatch(entry -> entry.wire().toString(UTF_8).equals(entry.message()));
            assertThat(prologue.bytes())
                    .isEqualTo(
                            kept.stream().mapToInt(each -> each.text().length()).sum());
            assertThat(prologue.awaited())
                    .isEqualTo(
                            expected.values().stream().mapToInt(count -> count).sum());
            entries.forEach(entry -> seen.add(entry.wire()));
        }

        void end() {
            prologue.release();
            assertThat(seen).allMatch(each -> each.refCnt() == 0);
        }

        private String pick(String[] values) {
            return values[random.nextInt(values.length)];
        }
    }
}
