package io.tidegate.server.requests;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.server.config.continuity.Replay;
import io.tidegate.server.config.continuity.RequestsConfig;
import io.tidegate.server.config.continuity.RequestsConfig.Preset;
import io.tidegate.server.requests.Dialogue.Message;
import io.tidegate.server.requests.Requests.FromClient;
import io.tidegate.server.requests.Requests.FromUpstream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Random conversations in each protocol against a naive model, and the promise itself: one reply to each id. */
class RequestsPropertyTest {

    private static final int CONVERSATIONS = 150;
    private static final int STEPS = 400;

    /** Ids, each in several spellings. */
    private static final String[][] IDS = {
        {"1", "1.0", "10e-1"},
        {"\"1\"", "\"\\u0031\""},
        {"2"},
        {"\"a/b\"", "\"a\\/b\""},
        {"\"\""},
        {"-7"}
    };

    /** What messages look like in a protocol, with {@code %s} for the id. */
    enum Speech {
        JSON_RPC(
                Dialogue.config(Preset.JSON_RPC, Replay.of(Set.of("get"))),
                "{\"jsonrpc\":\"2.0\",\"method\":\"get\",\"params\":{\"id\":5},\"id\":%s}",
                "{\"jsonrpc\":\"2.0\",\"method\":\"set\",\"id\":%s}",
                List.of("{\"id\":%s,\"result\":{\"method\":\"x\"}}", "{\"error\":{\"code\":1},\"id\":%s}"),
                null,
                null,
                List.of("{\"id\":%s,\"method\":\"ask\"}", "{\"method\":\"event\",\"params\":%s}", "{\"id\":null}")),
        OCPP_J(
                Dialogue.config(Preset.OCPP_J, Replay.of(Set.of("Get"))),
                "[2,%s,\"Get\",{}]",
                "[2,%s,\"Set\",{}]",
                List.of("[3,%s,{}]", "[ 4 , %s ,\"GenericError\",\"\",{}]"),
                null,
                null,
                List.of("[2,%s,\"Ask\",{}]", "[6,%s,\"Event\",{}]", "[3]")),
        GRAPHQL(
                Dialogue.config(Preset.GRAPHQL_TRANSPORT_WS, Replay.ALL),
                "{\"type\":\"subscribe\",\"id\":%s,\"payload\":{\"type\":\"next\"}}",
                null,
                List.of("{\"id\":%s,\"type\":\"complete\"}", "{\"id\":%s,\"type\":\"error\",\"payload\":[]}"),
                "{\"id\":%s,\"type\":\"next\",\"payload\":{}}",
                "{\"type\":\"complete\",\"id\":%s}",
                List.of("{\"type\":\"ping\",\"id\":%s}", "{\"type\":\"connection_ack\",\"payload\":%s}")),
        CUSTOM(
                Dialogue.custom("/ref/0", "/op", "[{id}]"),
                "{\"op\":1,\"ref\":[%s,0]}",
                null,
                List.of("{\"ref\":[%s]}", "{\"ok\":true,\"ref\":[%s,9]}"),
                null,
                null,
                List.of("{\"ref\":[%s],\"op\":\"x\"}", "{\"ref\":%s}"));

        private final RequestsConfig config;
        private final String replayable;
        private final @Nullable String unreplayable;
        private final List<String> replies;
        private final @Nullable String result;
        private final @Nullable String cancel;
        /** What is neither a request of the client nor a reply of the upstream, whoever sends it. */
        private final List<String> others;

        Speech(
                RequestsConfig config,
                String replayable,
                @Nullable String unreplayable,
                List<String> replies,
                @Nullable String result,
                @Nullable String cancel,
                List<String> others) {
            this.config = config;
            this.replayable = replayable;
            this.unreplayable = unreplayable;
            this.replies = replies;
            this.result = result;
            this.cancel = cancel;
            this.others = others;
        }
    }

    @ParameterizedTest
    @EnumSource
    void agreesWithANaiveModelAndKeepsThePromise(Speech speech) {
        for (long seed = 0; seed < CONVERSATIONS; seed++) {
            Conversation conversation = new Conversation(speech, new Random(seed));
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

    /** A message that is pending, as the model has it. */
    private static final class Pending {

        private final Message message;
        private final boolean batch;
        private final long start;
        /** Number of each id without a reply, and its spelling. */
        private final Map<Integer, String> open = new LinkedHashMap<>();

        private boolean replayable;
        private boolean timed = true;
        private long heard = -1;

        private Pending(Message message, boolean batch, long start) {
            this.message = message;
            this.batch = batch;
            this.start = start;
        }
    }

    private static final class Conversation {

        private final Speech speech;
        private final Random random;
        private final Dialogue dialogue;
        private final List<String> log = new ArrayList<>();

        private final List<Pending> pending = new ArrayList<>();
        /** When each id had its reply. */
        private final Map<Integer, Long> answered = new HashMap<>();

        private final List<String> expectedToHear = new ArrayList<>();
        private long now;

        /** For each id, requests less final replies and errors that the client got: 0, or 1 while one is pending. */
        private final Map<Integer, Integer> owed = new HashMap<>();

        private Conversation(Speech speech, Random random) {
            this.speech = speech;
            this.random = random;
            this.dialogue = new Dialogue(speech.config);
        }

        void step() {
            switch (random.nextInt(10)) {
                case 0, 1 -> request();
                case 2 -> batch();
                case 3, 4 -> reply();
                case 5 -> replies();
                case 6 -> result();
                case 7 -> cancelOrOther();
                case 8 -> fail();
                default -> pass();
            }
        }

        private void request() {
            int id = random.nextInt(IDS.length);
            boolean replayable = speech.unreplayable == null || random.nextBoolean();
            String spelling = spell(id);
            track(
                    String.format(replayable ? speech.replayable : speech.unreplayable, spelling),
                    false,
                    replayable,
                    false,
                    new LinkedHashMap<>(Map.of(id, spelling)));
        }

        private void batch() {
            if (speech != Speech.JSON_RPC) {
                return;
            }
            boolean replayable = true;
            boolean other = false;
            List<String> texts = new ArrayList<>();
            Map<Integer, String> ids = new LinkedHashMap<>();
            for (int i = random.nextInt(4); i >= 0; i--) {
                boolean gets = random.nextInt(4) != 0;
                replayable &= gets;
                String form = gets ? speech.replayable : speech.unreplayable;
                if (random.nextInt(4) == 0) {
                    other = true;
                    texts.add(String.format(form, "null"));
                } else {
                    int id = random.nextInt(IDS.length);
                    String spelling = spell(id);
                    ids.putIfAbsent(id, spelling);
                    texts.add(String.format(form, spelling));
                }
            }
            track(join(texts), true, replayable, other, ids);
        }

        /** Shows a message with requests to both. */
        private void track(String text, boolean batch, boolean replayable, boolean other, Map<Integer, String> ids) {
            Message message = new Message(text + " #" + log.size());
            boolean known = ids.keySet().removeIf(id -> find(id) != null);
            FromClient expected = FromClient.REQUEST;
            if (ids.isEmpty()) {
                expected = known && !other ? FromClient.DUPLICATE : FromClient.OTHER;
            } else {
                Pending tracked = new Pending(message, batch, now);
                tracked.open.putAll(ids);
                tracked.replayable = replayable;
                pending.add(tracked);
                ids.keySet().forEach(answered::remove);
                ids.keySet().forEach(id -> owed.merge(id, 1, Integer::sum));
            }
            log.add("client: " + text);
            assertThat(dialogue.fromClient(text, message)).isEqualTo(expected);
        }

        private void reply() {
            int id = random.nextInt(IDS.length);
            upstream(String.format(pick(speech.replies), spell(id)), List.of(id), false);
        }

        private void replies() {
            if (speech != Speech.JSON_RPC) {
                return;
            }
            List<String> texts = new ArrayList<>();
            List<Integer> ids = new ArrayList<>();
            boolean other = false;
            for (int i = random.nextInt(4); i >= 0; i--) {
                if (random.nextInt(6) == 0) {
                    other = true;
                    texts.add(String.format(pick(speech.others), spell(0)));
                } else {
                    int id = random.nextInt(IDS.length);
                    ids.add(id);
                    texts.add(String.format(pick(speech.replies), spell(id)));
                }
            }
            upstream(join(texts), ids, other);
        }

        /** Shows a message with final replies to both. */
        private void upstream(String text, List<Integer> ids, boolean other) {
            boolean fresh = other;
            boolean second = false;
            List<Integer> delivered = new ArrayList<>();
            for (int id : ids) {
                Pending request = find(id);
                if (request != null) {
                    fresh = true;
                    delivered.add(id);
                    end(request, id);
                } else if (isAnswered(id)) {
                    second = true;
                    answered.put(id, now);
                } else {
                    fresh = true;
                }
            }
            delivered.forEach(id -> owed.merge(id, -1, Integer::sum));
            log.add("upstream: " + text);
            assertThat(dialogue.fromUpstream(text)).isEqualTo(second && !fresh ? FromUpstream.DROP : FromUpstream.PASS);
        }

        private void end(Pending request, int id) {
            request.open.remove(id);
            answered.put(id, now);
            if (request.batch || request.heard < 0) {
                request.heard = now;
            }
            request.replayable &= !request.batch;
            if (request.open.isEmpty()) {
                pending.remove(request);
                expectedToHear.add("answered " + request.message + " after " + (request.heard - request.start));
            }
        }

        private void result() {
            if (speech.result == null) {
                return;
            }
            int id = random.nextInt(IDS.length);
            Pending request = find(id);
            boolean second = request == null && isAnswered(id);
            if (request != null) {
                request.timed = false;
                request.heard = request.heard < 0 ? now : request.heard;
            } else if (second) {
                answered.put(id, now);
            }
            String text = String.format(speech.result, spell(id));
            log.add("upstream: " + text);
            assertThat(dialogue.fromUpstream(text)).isEqualTo(second ? FromUpstream.DROP : FromUpstream.PASS);
        }

        private void cancelOrOther() {
            int id = random.nextInt(IDS.length);
            if (speech.cancel == null || random.nextBoolean()) {
                String text = String.format(pick(speech.others), spell(id));
                log.add("upstream: " + text);
                assertThat(dialogue.fromUpstream(text)).isEqualTo(FromUpstream.PASS);
                return;
            }
            Pending request = find(id);
            if (request != null) {
                pending.remove(request);
                owed.merge(id, -1, Integer::sum);
                expectedToHear.add("cancelled " + request.message);
            }
            String text = String.format(speech.cancel, spell(id));
            log.add("client: " + text);
            assertThat(dialogue.fromClient(text)).isEqualTo(FromClient.OTHER);
        }

        private void fail() {
            if (!pending.isEmpty()) {
                fail(pending.get(random.nextInt(pending.size())));
            }
        }

        private void fail(Pending request) {
            pending.remove(request);
            log.add("fail: " + request.message);
            String error = dialogue.fail(request.message, FailReason.NOT_REPLAYED);
            for (Map.Entry<Integer, String> id : request.open.entrySet()) {
                answered.put(id.getKey(), now);
                owed.merge(id.getKey(), -1, Integer::sum);
                assertThat(error).contains(id.getValue());
            }
            assertThat(error.startsWith("[{")).isEqualTo(request.batch);
            assertThat(error.split("\\Q" + FailReason.NOT_REPLAYED.text() + "\\E", -1).length - 1)
                    .isEqualTo(speech == Speech.CUSTOM ? 0 : request.open.size());
        }

        /** Lets time pass; those that are late fail. */
        private void pass() {
            long nanos = random.nextInt(8) == 0
                    ? Duration.ofMinutes(5).toNanos()
                    : random.nextLong(Dialogue.TIMEOUT.toNanos() / 2);
            now += nanos;
            dialogue.ticker.advanceNanos(nanos);
            log.add("after " + nanos + " ns");
            List<Pending> due = pending.stream()
                    .filter(request -> request.timed && now - request.start >= Dialogue.TIMEOUT.toNanos())
                    .toList();
            List<Message> late = new ArrayList<>();
            dialogue.requests.expire(late::add);
            assertThat(late)
                    .containsExactlyElementsOf(
                            due.stream().map(request -> request.message).toList());
            due.forEach(this::fail);
        }

        void check() {
            assertThat(dialogue.heard).isEqualTo(expectedToHear);
            dialogue.heard.clear();
            expectedToHear.clear();
            assertThat(dialogue.requests.pending())
                    .isEqualTo(pending.stream()
                            .mapToInt(request -> request.open.size())
                            .sum());
            assertThat(dialogue.requests.nanosUntilTimeout())
                    .isEqualTo(pending.stream()
                            .filter(request -> request.timed)
                            .mapToLong(request -> request.start + Dialogue.TIMEOUT.toNanos() - now)
                            .min()
                            .orElse(-1));
            for (Pending request : pending) {
                assertThat(dialogue.requests.isPending(request.message)).isTrue();
                assertThat(dialogue.requests.isReplayable(request.message)).isEqualTo(request.replayable);
            }
            assertThat(owed.values()).allMatch(count -> count == 0 || count == 1);
        }

        void end() {
            List.copyOf(pending).forEach(this::fail);
            check();
            assertThat(owed.values()).containsOnly(0);
        }

        private @Nullable Pending find(int id) {
            return pending.stream()
                    .filter(request -> request.open.containsKey(id))
                    .findAny()
                    .orElse(null);
        }

        private boolean isAnswered(int id) {
            Long since = answered.get(id);
            return since != null && now - since < Duration.ofMinutes(5).toNanos();
        }

        private String spell(int id) {
            return IDS[id][random.nextInt(IDS[id].length)];
        }

        private String pick(List<String> texts) {
            return texts.get(random.nextInt(texts.size()));
        }

        private static String join(List<String> texts) {
            return texts.stream().collect(Collectors.joining(" , ", " [ ", " ] "));
        }
    }
}
