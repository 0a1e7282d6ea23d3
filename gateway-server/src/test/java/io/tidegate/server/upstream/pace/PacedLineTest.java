package io.tidegate.server.upstream.pace;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.tidegate.server.upstream.pace.PacedLine.Turn;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PacedLineTest {

    /** Not on one of Netty's threads: entries report to a queue with locks, which may make them wait for a moment. */
    private final EventLoop home = new DefaultEventLoop(Executors.defaultThreadFactory());

    private final PacedLine line = new PacedLine(home, 100_000);
    private final BlockingQueue<String> turns = new LinkedBlockingQueue<>();

    @AfterEach
    void endTheLoop() {
        home.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Test
    void everybodyGoesInTheOrderOfArrival() throws Exception {
        for (int i = 0; i < 1000; i++) {
            line.enter(entry("" + i, Turn.TAKEN));
        }
        for (int i = 0; i < 1000; i++) {
            assertThat(turns.take()).isEqualTo("" + i);
        }
        settle();
        assertThat(line.size()).isZero();
    }

    @Test
    void nobodyGoesBeforeOneWhoIsHeldUntilTheLineIsWoken() throws Exception {
        List<Turn> answers = new ArrayList<>(List.of(Turn.HELD, Turn.TAKEN));
        line.enter(spread -> {
            turns.add("first");
            return answers.remove(0);
        });
        line.enter(entry("second", Turn.TAKEN));
        settle();
        assertThat(turns).containsExactly("first");

        line.wake();
        settle();
        assertThat(turns).containsExactly("first", "first", "second");
    }

    @Test
    void whoIsHeldIsAskedAgainEvenIfNobodyWakesTheLine() throws Exception {
        List<Turn> answers = new ArrayList<>(List.of(Turn.HELD, Turn.TAKEN));
        line.enter(spread -> {
            turns.add("asked");
            return answers.remove(0);
        });
        assertThat(turns.take()).isEqualTo("asked");
        assertThat(turns.take()).isEqualTo("asked");
    }

    @Test
    void whoLeavesIsNotAskedAndMakesRoomForTheNext() throws Exception {
        PacedLine.Entry held = entry("held", Turn.HELD);
        PacedLine.Entry second = entry("second", Turn.TAKEN);
        line.enter(held);
        line.enter(second);
        line.enter(entry("third", Turn.TAKEN));
        settle();
        line.leave(second);
        line.leave(held);
        line.leave(held);
        settle();
        assertThat(turns).containsExactly("held", "third");
        assertThat(line.size()).isZero();
    }

    @Test
    void whoHasNothingToDoTakesNoSlot() throws Exception {
        PacedLine slow = new PacedLine(home, 1);
        for (int i = 0; i < 10; i++) {
            slow.enter(entry("gone", Turn.GONE));
        }
        slow.enter(entry("last", Turn.TAKEN));
        settle();
        assertThat(turns).hasSize(11).endsWith("last");
    }

    @Test
    void whatIsSpreadStaysInItsSlot() throws Exception {
        PacedLine slow = new PacedLine(home, 1000);
        BlockingQueue<Long> spreads = new LinkedBlockingQueue<>();
        for (int i = 0; i < 50; i++) {
            slow.enter(spread -> {
                spreads.add(spread);
                return Turn.TAKEN;
            });
        }
        settle();
        assertThat(spreads).isNotEmpty().allMatch(spread -> spread >= 0 && spread < 1_000_000);
    }

    @Test
    void oneThatFailsHoldsUpNobody() throws Exception {
        line.enter(spread -> {
            throw new IllegalStateException("expected by the test");
        });
        line.enter(spread -> {
            throw new AssertionError("expected by the test");
        });
        line.enter(entry("next", Turn.TAKEN));
        assertThat(turns.take()).isEqualTo("next");
    }

    private PacedLine.Entry entry(String name, Turn turn) {
        // Not a lambda without state: each entry has to be an object of its own.
        return new PacedLine.Entry() {
            @Override
            public Turn turn(long spreadNanos) {
                turns.add(name);
                return turn;
            }
        };
    }

    /** Whatever the line has to do by now is done. */
    private void settle() throws Exception {
        home.submit(() -> {}).get();
    }
}
