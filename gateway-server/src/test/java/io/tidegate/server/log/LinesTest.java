package io.tidegate.server.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.netty.channel.embedded.EmbeddedChannel;
import io.tidegate.testkit.LogCapture;
import io.tidegate.testkit.ManualTicker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One gateway's lines, on an event loop whose time stands still. */
class LinesTest {

    private static final Logger log = LoggerFactory.getLogger("io.tidegate.test.lines");

    private final ManualTicker ticker = new ManualTicker();
    private final EmbeddedChannel loop = new EmbeddedChannel();
    private final Lines lines = new Lines(ticker, loop.eventLoop(), false);
    private final LogCapture captured = LogCapture.start("io.tidegate", Level.INFO);

    LinesTest() {
        loop.freezeTime();
    }

    @AfterEach
    void close() {
        captured.close();
        loop.close();
    }

    private void say(Kind kind, int times) {
        for (int i = 0; i < times; i++) {
            lines.of(kind, log).addKeyValue("session", i).log("{} {}", kind.text(), i);
        }
    }

    private List<String> messages() {
        return captured.lines().stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    @Test
    void aStormIsTenLinesAndASecondLaterOneThatCountsTheRest() {
        say(Kind.LEG_LOST, 4_500);
        assertThat(messages()).hasSize(10).last().isEqualTo("upstream leg lost 9");

        pass(Duration.ofSeconds(1));

        assertThat(messages()).hasSize(11);
        ILoggingEvent count = captured.lines().get(10);
        assertThat(count.getFormattedMessage()).isEqualTo("upstream leg lost: and 4,490 more like it in the last 1 s");
        assertThat(count.getLevel()).isEqualTo(Level.INFO);
        assertThat(count.getKeyValuePairs())
                .extracting(pair -> pair.key + '=' + pair.value)
                .containsExactly("kind=upstream leg lost", "keptBack=4490");
    }

    @Test
    void aStormThatGoesOnIsCountedEachSecond() {
        for (int second = 0; second < 3; second++) {
            say(Kind.GIVEN_UP, 100);
            pass(Duration.ofSeconds(1));
        }

        assertThat(messages())
                .hasSize(33)
                .filteredOn(message -> message.contains("and 90 more"))
                .hasSize(3);
        assertThat(captured.lines()).allMatch(line -> line.getLevel() == Level.WARN);
    }

    @Test
    void oneKindDoesNotSilenceAnother() {
        say(Kind.LEG_LOST, 100);
        say(Kind.RECONNECTED, 1);

        assertThat(messages()).hasSize(11).last().isEqualTo("reconnected 0");
    }

    @Test
    void linesThatNobodyTakesAreNotCounted() {
        try (LogCapture quiet = LogCapture.start("io.tidegate", Level.WARN)) {
            say(Kind.LEG_LOST, 100);
            lines.flush();
            assertThat(quiet.lines()).isEmpty();
        }
    }

    @Test
    void keptBackLinesCostNothing() {
        say(Kind.LEG_LOST, 10);
        AtomicInteger asked = new AtomicInteger();

        lines.of(Kind.LEG_LOST, log).log(() -> "message " + asked.incrementAndGet());

        assertThat(asked).hasValue(0);
    }

    @Test
    void whatNoLoopSaysIsSaidAtTheEnd() {
        ScheduledExecutorService ended = Executors.newSingleThreadScheduledExecutor();
        ended.shutdown();
        Lines last = new Lines(ticker, ended, false);
        for (int i = 0; i < 30; i++) {
            last.of(Kind.MOVED, log).log("moved");
        }

        last.flush();
        last.flush();

        assertThat(messages()).hasSize(11).last().isEqualTo("moved: and 20 more like it in the last 1 s");
    }

    private void pass(Duration time) {
        ticker.advance(time);
        loop.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
        loop.runScheduledPendingTasks();
    }
}
