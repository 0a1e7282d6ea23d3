package io.tidegate.bench.load;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.tidegate.bench.load.Sample.Phase;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import javax.net.ssl.SSLException;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * One run: opens the connections, sends, waits for what is missing, says goodbye, reports.
 *
 * <p><b>Threads:</b> {@link #run} blocks its caller until the run is over; {@link #stop} may be called by any thread.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what the loop is told to do reports by other ways
public final class LoadRun {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long GOODBYE_NANOS = 2 * SECOND;
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /** Between the decision to start and the first due time, so that every loop is ready by then. */
    private static final long LEAD_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final LoadConfig config;
    private final Sample.Watcher watcher;
    private final Tally tally = new Tally();
    private final List<LoadLoop> loops = new ArrayList<>();
    private final CountDownLatch stop = new CountDownLatch(1);
    private final Histogram latency = Recorders.empty();
    private final Histogram second = Recorders.empty();
    private final Histogram sendDelay = Recorders.empty();
    private Duration cpu = Duration.ZERO;
    private long startNanos;
    private long secondMillis = System.currentTimeMillis();

    /**
     * Makes a run.
     *
     * @param config what to run
     * @param watcher is told of each second
     */
    public LoadRun(LoadConfig config, Sample.Watcher watcher) {
        this.config = config;
        this.watcher = watcher;
    }

    /** Ends the run early; it still waits for missing echoes and reports. */
    public void stop() {
        stop.countDown();
    }

    /**
     * Runs.
     *
     * @return what was found
     * @throws CannotConnectException when no connection opens
     * @throws InterruptedException when the calling thread is interrupted
     */
    public LoadReport run() throws CannotConnectException, InterruptedException {
        InetSocketAddress address = resolve();
        SslContext tls = tls();
        Transport transport = Transport.best();
        EventLoopGroup group = transport.loops(config.loops());
        try {
            Payload payload = Payload.of(config.traffic());
            for (int i = 0; i < config.loops(); i++) {
                EventLoop eventLoop = group.next();
                loops.add(new LoadLoop(i, eventLoop, config, payload, tally));
            }
            Duration took = connect(transport, address, tls);
            Duration measured = send();
            boolean interrupted = stop.getCount() == 0;
            linger();
            int open = (int) sum(LoadLoop::open);
            goodbye();
            Histogram handshake = Recorders.empty();
            loops.forEach(loop -> loop.recorders().takeHandshake(handshake));
            return new LoadReport(
                    config,
                    new LoadReport.Connections(
                            tally.connected.sum(), open, tally.failed(), tally.closed(), took, handshake),
                    tally.messages(),
                    measured,
                    latency,
                    sendDelay,
                    new LoadReport.Generator(transport.name().toLowerCase(Locale.ROOT), loops.size(), cpu),
                    interrupted);
        } finally {
            group.shutdownGracefully(0, 5, TimeUnit.SECONDS).await(5, TimeUnit.SECONDS);
        }
    }

    private Duration connect(Transport transport, InetSocketAddress address, @Nullable SslContext tls)
            throws CannotConnectException, InterruptedException {
        long begun = System.nanoTime();
        List<Dialer> dialers = new ArrayList<>();
        for (LoadLoop loop : loops) {
            Dialer dialer = new Dialer(loop, config, transport, address, tls);
            dialers.add(dialer);
            loop.eventLoop().execute(dialer);
        }
        CompletableFuture<?> settled =
                CompletableFuture.allOf(dialers.stream().map(Dialer::settled).toArray(CompletableFuture[]::new));
        long next = begun + SECOND;
        while (!settled.isDone()) {
            if (pause(POLL_NANOS)) {
                for (int i = 0; i < dialers.size(); i++) {
                    loops.get(i).eventLoop().execute(dialers.get(i)::stop);
                }
            }
            if (System.nanoTime() - next >= 0) {
                next += SECOND;
                sample(Phase.CONNECT, next);
            }
        }
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        if (sum(LoadLoop::open) == 0 && stop.getCount() > 0) {
            throw new CannotConnectException(
                    "can't connect to " + config.target().uri() + ": "
                            + config.opening().connections() + " tried, "
                            + Counted.words(tally.connected.sum() == 0 ? tally.failed() : tally.closed())
                            + " (expected: a WebSocket server that is reachable at this ws:// or wss:// URL)");
        }
        return took;
    }

    /** Sends until the end, and returns how long was measured. */
    private Duration send() throws InterruptedException {
        startNanos = System.nanoTime() + LEAD_NANOS;
        long measureNanos = startNanos + config.phases().warmup().toNanos();
        long endNanos = measureNanos + config.phases().duration().toNanos();
        for (LoadLoop loop : loops) {
            loop.eventLoop().execute(() -> loop.start(startNanos, measureNanos, endNanos));
        }
        watch(Phase.WARM_UP, startNanos, measureNanos);
        long cpuBefore = cpuNanos();
        watch(Phase.MEASURE, measureNanos, endNanos);
        long now = System.nanoTime();
        each(LoadLoop::stop);
        cpu = Duration.ofNanos(cpuNanos() - cpuBefore);
        long until = now - endNanos < 0 ? now : endNanos;
        return Duration.ofNanos(Math.max(0, until - measureNanos));
    }

    /** Samples each second until the given time, an interruption, or the end of the last connection. */
    private void watch(Phase phase, long fromNanos, long untilNanos) throws InterruptedException {
        if (fromNanos == untilNanos || stop.getCount() == 0) {
            return;
        }
        long next = fromNanos + SECOND;
        secondMillis = System.currentTimeMillis() + TimeUnit.NANOSECONDS.toMillis(fromNanos - System.nanoTime());
        while (untilNanos - System.nanoTime() > 0) {
            boolean stopped = pause(Math.min(next, untilNanos) - System.nanoTime());
            long now = System.nanoTime();
            boolean over = stopped || sum(LoadLoop::open) == 0;
            if (over || now - next >= 0 || now - untilNanos >= 0) {
                sample(phase, now);
                next += SECOND;
            }
            if (over) {
                return;
            }
        }
    }

    private void linger() throws InterruptedException {
        long deadline = System.nanoTime() + config.phases().linger().toNanos();
        while (sum(LoadLoop::missing) > 0 && deadline - System.nanoTime() > 0) {
            TimeUnit.NANOSECONDS.sleep(POLL_NANOS);
        }
        sample(Phase.LINGER, System.nanoTime());
    }

    private void goodbye() throws InterruptedException {
        each(LoadLoop::close);
        long deadline = System.nanoTime() + GOODBYE_NANOS;
        while (sum(LoadLoop::alive) > 0 && deadline - System.nanoTime() > 0) {
            TimeUnit.NANOSECONDS.sleep(POLL_NANOS);
        }
        each(LoadLoop::abort);
        while (sum(LoadLoop::alive) > 0) {
            TimeUnit.NANOSECONDS.sleep(POLL_NANOS);
        }
    }

    private void sample(Phase phase, long nowNanos) {
        long nowMillis = System.currentTimeMillis();
        second.reset();
        for (LoadLoop loop : loops) {
            loop.recorders().takeLatency(second);
            loop.recorders().takeSendDelay(sendDelay);
        }
        second.setStartTimeStamp(secondMillis);
        second.setEndTimeStamp(nowMillis);
        secondMillis = nowMillis;
        latency.add(second);
        Duration elapsed = phase == Phase.CONNECT ? Duration.ZERO : Duration.ofNanos(nowNanos - startNanos);
        watcher.accept(new Sample(
                phase,
                elapsed,
                config.opening().connections(),
                tally.connected.sum(),
                (int) sum(LoadLoop::open),
                tally.messages(),
                second));
    }

    /** Waits; true when the run is to stop. */
    private boolean pause(long nanos) throws InterruptedException {
        return stop.await(nanos, TimeUnit.NANOSECONDS);
    }

    /** Tells every loop, on its own thread. */
    private void each(Consumer<LoadLoop> order) {
        for (LoadLoop loop : loops) {
            loop.eventLoop().execute(() -> order.accept(loop));
        }
    }

    /** A sum over the loops, each asked on its own thread. */
    private long sum(ToLongFunction<LoadLoop> figure) {
        long sum = 0;
        for (LoadLoop loop : loops) {
            Callable<Long> ask = () -> figure.applyAsLong(loop);
            sum += loop.eventLoop().submit(ask).syncUninterruptibly().getNow();
        }
        return sum;
    }

    private InetSocketAddress resolve() throws CannotConnectException {
        Target target = config.target();
        try {
            return new InetSocketAddress(InetAddress.getByName(target.host()), target.port());
        } catch (UnknownHostException unknown) {
            throw new CannotConnectException("can't connect to " + target.uri() + ": unknown host " + target.host()
                    + " (expected: a host that resolves)");
        }
    }

    private @Nullable SslContext tls() throws CannotConnectException {
        Target target = config.target();
        if (!target.tls()) {
            return null;
        }
        try {
            SslContextBuilder builder = SslContextBuilder.forClient();
            if (target.trustAnything()) {
                builder.trustManager(InsecureTrustManagerFactory.INSTANCE).endpointIdentificationAlgorithm(null);
            }
            return builder.build();
        } catch (SSLException unusable) {
            throw new CannotConnectException("can't connect to " + target.uri() + ": TLS: " + unusable.getMessage());
        }
    }

    private static long cpuNanos() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                ? system.getProcessCpuTime()
                : 0;
    }
}
