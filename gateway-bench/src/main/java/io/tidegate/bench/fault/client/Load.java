package io.tidegate.bench.fault.client;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.tidegate.bench.fault.judge.Replies;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * All clients of a run. They may send so many messages in all, at a rate, each in turn.
 *
 * <p><b>Threads:</b> clients belong to one event loop. The methods here may be called by one other thread; it sees counters
 * that are a moment old, and, after {@link #close}, everything.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what the loop is told to do shows in the counters
public final class Load implements AutoCloseable {

    private static final long TICK_MICROS = 1_000;
    private static final long POLL_MILLIS = 1;
    private static final int DIALS = 200;

    private final MultiThreadIoEventLoopGroup group =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("clients", true), NioIoHandler.newFactory());
    private final EventLoop loop = group.next();
    private final Plan plan;
    private final List<Client> clients = new ArrayList<>();
    private final Map<String, Long> closes = new TreeMap<>();
    private final Map<String, Long> refusals = new TreeMap<>();
    private final Pace pace = new Pace();
    private int next;
    private int dialled;
    private int dialling;
    private boolean over;
    private volatile int open;
    private volatile long sent;
    private volatile long settled;
    private volatile boolean heldBack;

    /** Makes clients that are not connected yet. */
    public Load(Plan plan) {
        this.plan = plan;
        for (int i = 0; i < plan.paths().size(); i++) {
            clients.add(new Client(i, this));
        }
    }

    /** Connects all of them; returns whether all were connected in time. */
    public boolean connect(Duration patience) throws InterruptedException {
        loop.execute(this::dialOn);
        boolean connected = await(() -> open == clients.size(), patience);
        loop.scheduleAtFixedRate(this::tick, TICK_MICROS, TICK_MICROS, TimeUnit.MICROSECONDS);
        return connected;
    }

    /**
     * Lets them send.
     *
     * @param total messages since the beginning
     * @param perSecond at which rate
     */
    public void allow(long total, double perSecond) {
        loop.execute(() -> pace.allow(total, perSecond, System.nanoTime()));
    }

    /** Lets clients read no more from their connections, or again. */
    public void read(int client, boolean on) {
        loop.execute(() -> clients.get(client).read(on));
    }

    /** Waits until so many messages were sent since the beginning; returns whether they were in time. */
    public boolean awaitSent(long total, Duration patience) throws InterruptedException {
        return await(() -> sent >= total, patience);
    }

    /** Waits until all messages that were sent have a reply, or can have none; returns whether that was in time. */
    public boolean awaitReplies(Duration patience) throws InterruptedException {
        return await(() -> settled >= sent, patience);
    }

    /** Clients that had a reply to something sent after the given time. */
    public long backSince(long nanos) {
        return loop.submit(() -> clients.stream()
                        .filter(client -> client.replies().backAfter(nanos) >= 0)
                        .count())
                .syncUninterruptibly()
                .getNow();
    }

    /** Messages sent. */
    public long sent() {
        return sent;
    }

    /** Whether messages were due a moment ago, and no client could take any. */
    public boolean heldBack() {
        return heldBack;
    }

    /** Messages that have a reply, or can have none. */
    public long settled() {
        return settled;
    }

    /** Clients that are connected. */
    public int open() {
        return open;
    }

    /** The books of all clients; to be read after {@link #close}. */
    public List<Replies> replies() {
        return clients.stream().map(Client::replies).toList();
    }

    /** Connections that ended before the run, by close code; to be read after {@link #close}. */
    public Map<String, Long> closes() {
        return closes;
    }

    /** Handshakes that failed, by reason; to be read after {@link #close}. */
    public Map<String, Long> refusals() {
        return refusals;
    }

    /** Ends the connections, without counting their ends; does nothing when that was done. */
    @Override
    public void close() {
        if (group.isShuttingDown()) {
            return;
        }
        loop.submit(() -> {
                    over = true;
                    clients.forEach(Client::end);
                })
                .syncUninterruptibly();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    Plan plan() {
        return plan;
    }

    EventLoop loop() {
        return loop;
    }

    boolean over() {
        return over;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    void opened(boolean first) {
        open++;
        if (first) {
            dialling--;
            dialOn();
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    void closed(String code) {
        open--;
        closes.merge(code, 1L, Long::sum);
    }

    void refused(String reason) {
        refusals.merge(reason, 1L, Long::sum);
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    void settled(int count) {
        settled += count;
    }

    private void dialOn() {
        while (dialled < clients.size() && dialling < DIALS && !over) {
            dialling++;
            clients.get(dialled++).dial();
        }
    }

    /** Hands what the pace allows to clients in turn, until it is used up or none can take more. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    private void tick() {
        long due = pace.due(System.nanoTime()) - sent;
        int refused = 0;
        List<Client> wrote = new ArrayList<>();
        while (due > 0 && refused < clients.size()) {
            Client client = clients.get(next);
            next = (next + 1) % clients.size();
            if (client.send()) {
                wrote.add(client);
                sent++;
                due--;
                refused = 0;
            } else {
                refused++;
            }
        }
        heldBack = due > 0 && wrote.isEmpty();
        wrote.forEach(Client::flush);
    }

    private static boolean await(BooleanSupplier condition, Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline >= 0) {
                return false;
            }
            Thread.sleep(POLL_MILLIS);
        }
        return true;
    }
}
