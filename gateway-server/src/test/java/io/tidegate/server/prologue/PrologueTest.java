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
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrologueTest {

    private static final long ROOM = 10_000;

    private static final PrologueConfig BY_CHANNEL = new PrologueConfig(
            0,
            JsonPointer.parse("/op"),
            Set.of("auth", "subscribe"),
            JsonPointer.parse("/channel"),
            Set.of("unsubscribe", "leave"),
            true);

    private Prologue<String> prologue = new Prologue<>(first(2, true), null, ROOM);

    @AfterEach
    void release() {
        prologue.release();
        assertThat(prologue.isEmpty()).isTrue();
        assertThat(prologue.bytes()).isZero();
    }

    @Test
    void keepsTheFirstMessagesWhateverTheyAre() {
        assertThat(prologue.needsPayloads()).isFalse();
        assertThat(prologue.isEmpty()).isTrue();

        assertThat(keepBlind("one")).isEqualTo(Kept.YES);
        assertThat(keepBlind("two")).isEqualTo(Kept.YES);
        assertThat(keepBlind("three")).isEqualTo(Kept.NO);

        assertThat(wires()).containsExactly("<one>", "<two>");
        assertThat(prologue.entries()).extracting(PrologueEntry::message).containsExactly("one", "two");
        assertThat(prologue.bytes()).isEqualTo(10);
    }

    @Test
    void keepsACopySoThatTheCallersBufferIsTheCallers() {
        ByteBuf wire = Unpooled.copiedBuffer("xabcx", UTF_8);
        prologue.fromClient(wire.slice(1, 3), null, "m");
        assertThat(wire.refCnt()).isEqualTo(1);
        wire.setZero(0, 5).release();

        assertThat(wires()).containsExactly("abc");
    }

    @Test
    void releasesWhatItKept() {
        prologue = new Prologue<>(BY_CHANNEL, null, ROOM);
        keep("{'op':'subscribe','channel':1}");
        keep("{'op':'subscribe','channel':2}");
        keep("{'op':'subscribe','channel':3}");
        List<ByteBuf> kept =
                prologue.entries().stream().map(PrologueEntry::wire).toList();

        keep("{'op':'subscribe','channel':1}");
        assertThat(kept).extracting(ByteBuf::refCnt).as("replaced").containsExactly(0, 1, 1);
        keep("{'op':'leave','channel':2}");
        assertThat(kept).extracting(ByteBuf::refCnt).as("forgotten").containsExactly(0, 0, 1);
        prologue.release();
        assertThat(kept).extracting(ByteBuf::refCnt).as("over").containsExactly(0, 0, 0);
    }

    @Test
    void keepsWhatTheRuleNames() {
        prologue = new Prologue<>(BY_CHANNEL, null, ROOM);
        assertThat(prologue.needsPayloads()).isTrue();

        assertThat(keep("{'op':'auth','token':'t'}")).isEqualTo(Kept.YES);
        assertThat(keep("{'op':'subscribe','channel':'a'}")).isEqualTo(Kept.YES);
        assertThat(keep("{'op':'sub\\u0073cribe','channel':'b'}")).isEqualTo(Kept.YES);
        assertThat(keep("{'op':'say','channel':'a'}")).isEqualTo(Kept.NO);
        assertThat(keep("{'channel':'a'}")).isEqualTo(Kept.NO);
        assertThat(keep("{'op':['subscribe'],'channel':'c'}")).isEqualTo(Kept.NO);
        assertThat(keep("not json")).isEqualTo(Kept.NO);
        assertThat(keepBlind("binary")).isEqualTo(Kept.NO);

        assertThat(messages())
                .containsExactly(
                        "{'op':'auth','token':'t'}",
                        "{'op':'subscribe','channel':'a'}",
                        "{'op':'sub\\u0073cribe','channel':'b'}");
    }

    @Test
    void theSameSubjectTakesTheEarlierOnesPlaceAtTheEnd() {
        prologue = new Prologue<>(BY_CHANNEL, null, ROOM);
        keep("{'op':'auth','token':'old'}");
        keep("{'op':'subscribe','channel':1,'from':0}");
        keep("{'op':'subscribe','channel':2}");
        keep("{'op':'subscribe','channel':1,'from':9}");
        keep("{'op':'subscribe','channel':'1'}");
        keep("{'op':'auth','token':'new'}");
        keep("{'op':'auth','channel':1}");

        assertThat(messages())
                .containsExactly(
                        "{'op':'subscribe','channel':2}",
                        "{'op':'subscribe','channel':1,'from':9}",
                        "{'op':'subscribe','channel':'1'}",
                        "{'op':'auth','token':'new'}",
                        "{'op':'auth','channel':1}");
    }

    @Test
    void forgetsWhatHasTheSameKey() {
        prologue = new Prologue<>(BY_CHANNEL, null, ROOM);
        keep("{'op':'auth','token':'t'}");
        keep("{'op':'auth','channel':1}");
        keep("{'op':'subscribe','channel':1}");
        keep("{'op':'subscribe','channel':2}");

        assertThat(keep("{'op':'unsubscribe','channel':1}")).isEqualTo(Kept.NO);
        assertThat(messages()).containsExactly("{'op':'auth','token':'t'}", "{'op':'subscribe','channel':2}");

        keep("{'op':'unsubscribe'}");
        keep("{'op':'unsubscribe','channel':null}");
        keep("{'op':'unsubscribe','channel':'2'}");
        assertThat(messages()).as("no key, or another").hasSize(2);

        keep("{'op':'leave','channel':2}");
        assertThat(messages()).containsExactly("{'op':'auth','token':'t'}");
    }

    @Test
    void withoutAKeyEachMessageStays() {
        prologue = new Prologue<>(
                new PrologueConfig(0, JsonPointer.parse("/op"), Set.of("subscribe"), null, Set.of(), false),
                null,
                ROOM);
        keep("{'op':'subscribe','channel':1}");
        keep("{'op':'subscribe','channel':1}");

        assertThat(messages()).hasSize(2);
    }

    @Test
    void isFullWhenTheBytesAre() {
        prologue = new Prologue<>(first(3, true), null, 11);
        assertThat(keepBlind("1234")).isEqualTo(Kept.YES);
        assertThat(keepBlind("1234")).isEqualTo(Kept.FULL);
        assertThat(keepBlind("123")).isEqualTo(Kept.YES);
        assertThat(prologue.bytes()).isEqualTo(11);
        assertThat(wires()).containsExactly("<1234>", "<123>");
    }

    @Test
    void isFullWithAThousandMessages() {
        prologue = new Prologue<>(BY_CHANNEL, null, 1 << 20);
        for (int i = 0; i < 1_000; i++) {
            assertThat(keep("{'op':'subscribe','channel':" + i + "}")).isEqualTo(Kept.YES);
        }
        assertThat(keep("{'op':'subscribe','channel':1000}")).isEqualTo(Kept.FULL);
        assertThat(keep("{'op':'subscribe','channel':7}"))
                .as("in another's place")
                .isEqualTo(Kept.YES);
        keep("{'op':'unsubscribe','channel':8}");
        assertThat(keep("{'op':'subscribe','channel':1000}")).isEqualTo(Kept.YES);
    }

    @Test
    void whatItReplacesMakesRoom() {
        prologue = new Prologue<>(BY_CHANNEL, null, 37);
        assertThat(keep("{'op':'subscribe','channel':1}")).isEqualTo(Kept.YES);
        assertThat(keep("{'op':'subscribe','channel':1,'a':0}")).isEqualTo(Kept.YES);
        assertThat(keep("{'op':'subscribe','channel':1,'abc':0}")).isEqualTo(Kept.FULL);
        assertThat(messages()).containsExactly("{'op':'subscribe','channel':1,'a':0}");
    }

    @Test
    void swallowsAsManyAsWereReplayedWhenThereAreNoIds() {
        keepBlind("one");
        keepBlind("two");
        assertThat(prologue.swallows(text("welcome"))).as("on the first leg").isFalse();

        prologue.entries().forEach(prologue::replayed);
        assertThat(prologue.awaited()).isEqualTo(2);

        assertThat(prologue.swallows(text("welcome"))).isTrue();
        assertThat(prologue.swallows(null)).isTrue();
        assertThat(prologue.awaited()).isZero();
        assertThat(prologue.swallows(text("news"))).isFalse();
    }

    @Test
    void forgetsExpectationsWithTheLeg() {
        keepBlind("one");
        prologue.entries().forEach(prologue::replayed);

        prologue.legLost();

        assertThat(prologue.awaited()).isZero();
        assertThat(prologue.swallows(text("welcome"))).isFalse();
    }

    @Test
    void swallowsNothingUnlessAsked() {
        prologue = new Prologue<>(first(1, false), null, ROOM);
        keepBlind("one");
        prologue.entries().forEach(prologue::replayed);

        assertThat(prologue.awaited()).isZero();
        assertThat(prologue.swallows(text("welcome"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void swallowsByIdWhereRequestsHaveOne(boolean asked) {
        prologue = new Prologue<>(first(3, asked), requests(Preset.JSON_RPC), ROOM);
        assertThat(prologue.needsPayloads()).isTrue();
        keep("{'id':1,'method':'auth'}");
        keep("{'id':'1','method':'join'}");
        keep("{'method':'hello'}");
        prologue.entries().forEach(prologue::replayed);
        assertThat(prologue.awaited()).as("a notification has no reply").isEqualTo(2);

        assertThat(swallows("{'method':'event'}")).isFalse();
        assertThat(swallows("{'id':1,'method':'ask'}")).isFalse();
        assertThat(swallows("{'id':2,'result':0}")).isFalse();
        assertThat(prologue.swallows(null)).isFalse();
        assertThat(swallows("{'id':'\\u0031','result':0}")).isTrue();
        assertThat(swallows("{'id':1,'error':{}}")).isTrue();
        assertThat(prologue.awaited()).isZero();
        assertThat(swallows("{'id':1,'result':0}")).as("to a later request").isFalse();
    }

    @Test
    void aReplyIsNotSwallowedUnlessItsMessageWasReplayed() {
        prologue = new Prologue<>(first(2, true), requests(Preset.JSON_RPC), ROOM);
        keep("{'id':1,'method':'auth'}");
        keep("{'id':2,'method':'join'}");
        prologue.replayed(prologue.entries().get(0));

        assertThat(swallows("{'id':2,'result':0}")).isFalse();
        assertThat(swallows("{'id':1,'result':0}")).isTrue();
    }

    @Test
    void theSameIdIsExpectedAsOftenAsItWasReplayed() {
        prologue = new Prologue<>(first(2, true), requests(Preset.OCPP_J), ROOM);
        keep("[2,'a','BootNotification',{}]");
        keep("[2,'a','Heartbeat',{}]");
        prologue.entries().forEach(prologue::replayed);

        assertThat(swallows("[2,'a','Reset',{}]")).isFalse();
        assertThat(swallows("[3,'a',{}]")).isTrue();
        assertThat(swallows("[4,'a','','',{}]")).isTrue();
        assertThat(swallows("[3,'a',{}]")).isFalse();
    }

    @Test
    void aBatchIsSwallowedIfNothingElseIsInIt() {
        prologue = new Prologue<>(first(1, true), requests(Preset.JSON_RPC), ROOM);
        keep("[{'id':1,'method':'a'},{'id':2,'method':'b'},{'method':'c'}]");
        PrologueEntry<String> entry = prologue.entries().get(0);
        prologue.replayed(entry);
        assertThat(prologue.awaited()).isEqualTo(2);
        assertThat(swallows("[{'id':2,'result':0},{'id':1,'result':0}]")).isTrue();
        assertThat(prologue.awaited()).isZero();

        prologue.replayed(entry);
        assertThat(swallows("[{'id':2,'result':0},{'method':'event'}]")).isFalse();
        assertThat(swallows("[]")).isFalse();
        assertThat(swallows("{'id':1,'result':0}")).isTrue();
        assertThat(prologue.awaited()).isZero();
    }

    @Test
    void graphqlBeginsWithItsOwnPrologue() {
        prologue = Prologue.of(null, requests(Preset.GRAPHQL_TRANSPORT_WS), ROOM);
        assertThat(keep("{'type':'connection_init','payload':{'token':'t'}}")).isEqualTo(Kept.YES);
        assertThat(swallows("{'type':'connection_ack'}")).as("the client's own").isFalse();
        assertThat(keep("{'type':'subscribe','id':'a'}")).isEqualTo(Kept.NO);

        prologue.entries().forEach(prologue::replayed);
        assertThat(prologue.awaited()).isEqualTo(1);

        assertThat(swallows("{'type':'ping'}")).isFalse();
        assertThat(swallows("{'type':'next','id':'a'}")).isFalse();
        assertThat(swallows("{'type':'connection_ack','payload':{}}")).isTrue();
        assertThat(prologue.awaited()).isZero();
        assertThat(swallows("{'type':'connection_ack'}")).isFalse();
    }

    @Test
    void aClientThatHasNoAckYetGetsTheOneOfTheNewLeg() {
        prologue = Prologue.of(null, requests(Preset.GRAPHQL_TRANSPORT_WS), ROOM);
        keep("{'type':'connection_init'}");
        for (int leg = 0; leg < 2; leg++) {
            prologue.legLost();
            prologue.entries().forEach(prologue::replayed);
            assertThat(prologue.awaited()).isZero();
            assertThat(swallows("{'type':'ping'}")).isFalse();
        }
        assertThat(swallows("{'type':'connection_ack'}")).isFalse();

        prologue.legLost();
        prologue.entries().forEach(prologue::replayed);
        assertThat(swallows("{'type':'connection_ack'}")).isTrue();
    }

    @Test
    void aReplayedSubscriptionIsSwallowedToItsEnd() {
        prologue = new Prologue<>(first(1, true), requests(Preset.GRAPHQL_TRANSPORT_WS), ROOM);
        keep("{'type':'subscribe','id':'a'}");
        prologue.entries().forEach(prologue::replayed);

        assertThat(swallows("{'type':'next','id':'a'}")).isTrue();
        assertThat(swallows("{'type':'next','id':'a'}")).isTrue();
        assertThat(swallows("{'type':'complete','id':'a'}")).isTrue();
        assertThat(swallows("{'type':'next','id':'a'}")).isFalse();
    }

    @Test
    void aRouteHasTheOneItDeclares() {
        assertThat(Prologue.of(null, null, ROOM)).isNull();
        assertThat(Prologue.of(null, requests(Preset.JSON_RPC), ROOM)).isNull();

        prologue = Prologue.of(first(1, false), requests(Preset.GRAPHQL_TRANSPORT_WS), ROOM);
        assertThat(keep("{'type':'ping'}")).isEqualTo(Kept.YES);
        assertThat(keep("{'type':'connection_init'}")).isEqualTo(Kept.NO);
    }

    private static PrologueConfig first(int count, boolean swallow) {
        return new PrologueConfig(count, null, Set.of(), null, Set.of(), swallow);
    }

    private static RequestsConfig requests(Preset preset) {
        return new RequestsConfig(preset, null, null, Replay.ALL, null, Duration.ofSeconds(30));
    }

    /** Shows it a text message, single quotes standing for double ones; its wire bytes are the same. */
    private Kept keep(String message) {
        return prologue.fromClient(Unpooled.copiedBuffer(message, UTF_8), text(message.replace('\'', '"')), message);
    }

    /** Shows it a message without its text. */
    private Kept keepBlind(String message) {
        return prologue.fromClient(Unpooled.copiedBuffer('<' + message + '>', UTF_8), null, message);
    }

    private boolean swallows(String message) {
        return prologue.swallows(text(message.replace('\'', '"')));
    }

    private static @Nullable ByteBuf text(String text) {
        return Unpooled.copiedBuffer(text, UTF_8);
    }

    private List<String> messages() {
        return prologue.entries().stream().map(PrologueEntry::message).toList();
    }

    private List<String> wires() {
        return prologue.entries().stream()
                .map(entry -> entry.wire().toString(UTF_8))
                .toList();
    }
}
