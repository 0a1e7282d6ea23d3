package io.tidegate.dedup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DedupGateTest {

    private static final DedupConfig CONFIG = new DedupConfig(Duration.ofMinutes(1), 2);

    private final EventLog log = new EventLog();
    private final Dedup<ByteBuf> dedup =
            Dedup.of(CONFIG, DedupKey.pointer("/id")).listener(log);
    private final DedupGate<ByteBuf> gate = dedup.gate();

    @Test
    void aDeliveredMessageIsADuplicateFromThenOn() {
        long admission = gate.admit(message("{\"id\":1}"));
        assertThat(admission).isPositive();
        gate.end(admission, true);

        assertThat(gate.admit(message("{\"id\":1,\"x\":2}"))).isEqualTo(DedupGate.DUPLICATE);
        assertThat(log.events()).containsExactly("first", "duplicate 14");
    }

    @Test
    void aResendOfWhatIsUnderWayIsADuplicate() {
        gate.admit(message("{\"id\":1}"));

        assertThat(gate.admit(message("{\"id\":1}"))).isEqualTo(DedupGate.DUPLICATE);
    }

    @Test
    void aResendAfterAFailurePasses() {
        gate.end(gate.admit(message("{\"id\":1}")), false);

        assertThat(gate.admit(message("{\"id\":1}"))).isPositive();
        assertThat(log.events()).containsExactly("first", "released", "first");
    }

    @Test
    void whatHasNoKeyPassesUntrackedEachTime() {
        for (int i = 0; i < 2; i++) {
            long admission = gate.admit(message("{}"));
            assertThat(admission).isEqualTo(DedupGate.UNTRACKED);
            gate.end(admission, true);
            gate.end(admission, false);
        }

        assertThat(log.events()).containsExactly("unkeyed MISSING", "unkeyed MISSING");
    }

    @Test
    void whatFindsTheWindowFullPassesUntracked() {
        gate.admit(message("{\"id\":1}"));
        gate.admit(message("{\"id\":2}"));

        assertThat(gate.admit(message("{\"id\":3}"))).isEqualTo(DedupGate.UNTRACKED);
        assertThat(log.events()).containsExactly("first", "first", "full");
    }

    @Test
    void onlyTheFirstEndCounts() {
        long admission = gate.admit(message("{\"id\":1}"));
        gate.end(admission, true);
        gate.end(admission, false);

        assertThat(gate.admit(message("{\"id\":1}"))).isEqualTo(DedupGate.DUPLICATE);
        assertThat(log.events()).doesNotContain("released");
    }

    @Test
    void gatesHaveWindowsOfTheirOwnUnlessOneIsShared() {
        gate.admit(message("{\"id\":1}"));
        assertThat(dedup.gate().admit(message("{\"id\":1}"))).isPositive();

        Dedup<ByteBuf> shared = dedup.within(DedupWindow.shared(CONFIG));
        shared.gate().admit(message("{\"id\":1}"));
        assertThat(shared.gate().admit(message("{\"id\":1}"))).isEqualTo(DedupGate.DUPLICATE);
    }

    @Test
    void aListenerThatFailsChangesNothing() {
        DedupListener broken = new DedupListener() {
            @Override
            public void onFirst() {
                throw new IllegalStateException("listener");
            }
        };
        DedupGate<ByteBuf> deaf = dedup.listener(broken).gate();

        deaf.end(deaf.admit(message("{\"id\":1}")), true);

        assertThat(deaf.admit(message("{\"id\":1}"))).isEqualTo(DedupGate.DUPLICATE);
    }

    private static ByteBuf message(String text) {
        return Unpooled.wrappedBuffer(text.getBytes(UTF_8));
    }
}
