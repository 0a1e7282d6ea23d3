package io.tidegate.server.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.tidegate.dedup.DedupGate;
import io.tidegate.frame.CloseStatus;
import io.tidegate.frame.ControlFrames;
import io.tidegate.frame.DataFrames;
import io.tidegate.frame.FrameBatch;
import io.tidegate.frame.FrameWalker;
import io.tidegate.frame.ProtocolViolation;
import io.tidegate.frame.Sender;
import io.tidegate.queue.Accounting;
import io.tidegate.queue.ByteBudget;
import io.tidegate.queue.Delivery;
import io.tidegate.queue.Departure;
import io.tidegate.queue.Ledger;
import io.tidegate.queue.MessageQueue;
import io.tidegate.queue.Overflow;
import io.tidegate.server.config.continuity.RequestsConfig;
import io.tidegate.server.leg.Leg;
import io.tidegate.server.prologue.Prologue;
import io.tidegate.server.prologue.PrologueEntry;
import io.tidegate.server.requests.FailReason;
import io.tidegate.server.requests.RequestListener;
import io.tidegate.server.requests.Requests;
import io.tidegate.server.traffic.Direction;
import io.tidegate.server.traffic.LoopTraffic;
import io.tidegate.server.traffic.Timing;
import io.tidegate.time.Ticker;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * From the client to whichever upstream leg there is: writes, keeps what can't be written or isn't confirmed, replays.
 *
 * <p>While a leg is up and nothing waits, batches of a route that promises nothing beyond the write pass as they came. In all
 * other cases they are split, and each message goes through the session's {@link MessageQueue}: prologue first, then the
 * unconfirmed, then what waited, then what is live. A message leaves the queue when it is written, when a Pong proves that it
 * was read, or when its reply is here, whichever its route promises.
 *
 * <p><b>Demand:</b> takes no more while the leg's write buffer or the queue is full (with the overflow policy {@code pause}),
 * or while a part of the last batch waits for room. <b>Threads:</b> the session's event loop. <b>Ownership:</b> of each batch;
 * messages are the queue's.
 */
final class Uplink implements Sink {

    /** A slice holds on to all of its buffer; where that is this much larger, a copy is kept instead. */
    private static final int WASTE = 2;

    /** How long a new leg gets nothing but the prologue, unless its replies come earlier. */
    private static final int PROLOGUE_WAIT_SECONDS = 5;

    private static final int LARGEST_CONTROL = 125;

    private final Session session;
    private final Terms terms;
    private final Leg client;
    private final LoopTraffic traffic;
    private final LoopTraffic.Flow flow;
    private final Ledger ledger;
    private final MessageQueue<ClientMessage> queue;
    private final @Nullable DedupGate<ByteBuf> dedup;
    private final @Nullable Requests<ClientMessage> requests;
    private final @Nullable Prologue<ClientMessage> prologue;
    private final @Nullable ClientPings clientPings;
    private final boolean plain;
    private final boolean inspects;
    private final boolean pauses;

    private final FrameWalker walker = new FrameWalker();
    private final Excerpt excerpt = new Excerpt();
    /** The batch being split, with the walker at its next message. */
    private @Nullable FrameBatch held;

    private long heldReadNanos;
    /** The message that the walker stands at found no room yet. */
    private boolean standing;

    private boolean splitting;
    /** How the session is to end, once the batch is split to its end. */
    private @Nullable CloseStatus endWanted;

    private @Nullable Leg leg;
    private @Nullable Pings pings;
    private long legNumber;
    /** The prologue's replies are waited for. */
    private boolean paused;
    /** What comes is for the next leg, which is there already. */
    private boolean moving;
    /** Nothing is read from the client for now. */
    private boolean holding;

    private boolean pumping;
    /** Messages written to this leg that a Pong will confirm, oldest first. */
    private final ArrayDeque<Delivery<ClientMessage>> unconfirmed = new ArrayDeque<>();

    /** Requests that were written and have no reply yet. */
    private final Set<ClientMessage> unanswered = new LinkedHashSet<>();

    /** The payload of the client's last Ping that no Pong has answered; whoever loses it with its leg closes the connection. */
    private @Nullable ByteBuf lastPing;
    /** A reply made room: to be made use of when the reply is read, as reading the client's messages takes the same buffers. */
    private boolean roomMade;

    /** The client was told that a request failed, since it last could take more. */
    private boolean reported;

    private long confirmedOnLeg;
    private boolean finished;
    private @Nullable Departure closed;
    private ByteBudget.@Nullable Wakeup roomAwaited;
    private @Nullable ScheduledFuture<?> expiry;
    private @Nullable ScheduledFuture<?> requestTimeout;
    private @Nullable ScheduledFuture<?> prologueWait;

    Uplink(Session session, Terms terms, Leg client, LoopTraffic traffic) {
        this.session = session;
        this.terms = terms;
        this.client = client;
        this.traffic = traffic;
        this.flow = traffic.flow(Direction.TO_UPSTREAM);
        this.ledger = new Ledger(traffic.ledger());
        this.queue = terms.newQueue(ledger, traffic, this::gone);
        this.dedup = terms.newGate(traffic);
        RequestsConfig requestsConfig = terms.config().requests();
        this.requests = requestsConfig == null ? null : new Requests<>(requestsConfig, new Replies(), Ticker.system());
        this.prologue = Prologue.of(
                terms.config().prologue(),
                requestsConfig,
                terms.config().queue().queue().maxBytes());
        this.clientPings = terms.reconnects()
                ? new ClientPings(
                        session, client, terms.config().ping().clientInterval().toNanos(), traffic)
                : null;
        if (clientPings != null) {
            clientPings.start();
        }
        this.inspects = terms.inspects() || (prologue != null && prologue.needsPayloads());
        this.pauses = terms.config().queue().queue().overflow() == Overflow.PAUSE;
        this.plain = !terms.confirms() && !terms.inspects() && prologue == null;
    }

    /** What became of all messages of the client. */
    Accounting accounting() {
        return ledger.snapshot();
    }

    /** Messages that wait, or are written and not confirmed. */
    int messages() {
        return queue.messages();
    }

    /** Their bytes, as on the wire. */
    long bytes() {
        return queue.bytes();
    }

    @Override
    public void accept(FrameBatch batch, long readNanos) {
        Leg up = leg;
        if (up != null && passes(up)) {
            queue.pass(batch.messages(), batch.payloadBytes());
            flow.passed(batch.messages(), batch.payloadBytes());
            if (batch.controls() > 0) {
                passWithControls(batch, up, readNanos);
            } else {
                up.write(batch, readNanos);
            }
            return;
        }
        held = batch;
        heldReadNanos = readNanos;
        walker.open(batch.bytes(), Sender.CLIENT);
        split();
    }

    @Override
    public boolean takesMore() {
        Leg up = leg;
        if (closed != null || isDeaf()) {
            return true;
        }
        if (holding && !session.isClosing()) {
            return false;
        }
        if (requests != null && client.isOpen() && !client.isWritable() && reported) {
            // It has enough error replies to read.
            return false;
        }
        reported = false;
        if (held != null || (up != null && up.isOpen() && !moving && !up.isWritable())) {
            return false;
        }
        if ((up != null && passes(up)) || hasRoom()) {
            return true;
        }
        awaitRoom(1);
        return false;
    }

    /** Passes a batch but for Pongs to the gateway's own pings, and notes the client's. */
    private void passWithControls(FrameBatch batch, Leg up, long readNanos) {
        int last = batch.bytes().readerIndex();
        excerpt.begin(batch, readNanos);
        walker.open(batch.bytes(), Sender.CLIENT);
        while (walker.next()) {
            last = walker.from();
            if (!walker.isControl()) {
                excerpt.message();
            } else if (walker.isPing()) {
                notePing();
            } else if (isPongToUs()) {
                excerpt.cut(up, batch, last, walker.to());
            }
        }
        excerpt.end(up, batch, last);
    }

    /** Whether batches go on as they come. */
    private boolean passes(Leg up) {
        return plain && up.isOpen() && !paused && !moving && closed == null && queue.waiting() == 0;
    }

    /** Whether nothing that the client says can reach an upstream any more. */
    private boolean isDeaf() {
        return leg != null && !leg.isOpen() && (finished || session.isClosing());
    }

    /** A leg is there: what was written to the one before it and not confirmed is written again, in order. */
    void up(Leg next, @Nullable Pings nextPings) {
        legNumber++;
        leg = next;
        pings = nextPings;
        paused = false;
        moving = false;
        confirmedOnLeg = 0;
        if (legNumber > 1) {
            replayPrologue(next);
        }
        if (prologue != null && prologue.awaited() > 0) {
            paused = true;
            prologueWait = loop().schedule(this::prologueIsRead, PROLOGUE_WAIT_SECONDS, TimeUnit.SECONDS);
        }
        proceed();
    }

    /** The replies to the prologue are here, or the wait for them is over: what waits may follow. */
    private void prologueIsRead() {
        if (prologueWait != null) {
            prologueWait.cancel(false);
            prologueWait = null;
            paused = false;
            proceed();
        }
    }

    /** The leg is lost: what isn't confirmed waits again, in its place. */
    void down() {
        leg = null;
        pings = null;
        cancel(prologueWait);
        prologueWait = null;
        unconfirmed.clear();
        if (prologue != null) {
            prologue.legLost();
        }
        answerPing();
        new ArrayList<>(unanswered).forEach(this::giveUpUnlessReplayable);
        queue.requeueAll();
        expireInTime();
    }

    /** Writes nothing more to the leg until another one is {@linkplain #up up}. */
    void pause() {
        moving = true;
    }

    /** There will be no other leg: what waits may go to this one. */
    void stay() {
        moving = false;
    }

    /** Takes nothing more from the client, or does again. */
    void hold(boolean held) {
        holding = held;
        if (!held) {
            proceed();
        }
    }

    /**
     * Whether the session may end without a loss: nothing waits to be written or confirmed, and no request for its first reply.
     * A subscription that goes on is none to wait for.
     */
    boolean isQuiet() {
        return held == null
                && queue.waiting() == 0
                && unconfirmed.isEmpty()
                && (requests == null || requests.nanosUntilTimeout() < 0);
    }

    /** Whether nothing that was written to the leg waits for a Pong or a reply. */
    boolean isSettled() {
        return queue.unconfirmed() == 0;
    }

    /** A Pong came: so many of the messages written to this leg, in all, were read by the peer. */
    void confirmed(long through) {
        while (confirmedOnLeg < through) {
            Delivery<ClientMessage> delivery = unconfirmed.poll();
            if (delivery == null) {
                break;
            }
            confirmedOnLeg++;
            queue.confirm(delivery);
        }
        proceed();
    }

    /** The upstream answered the client's Close, so it has read all that came before. */
    void closeAnswered() {
        confirmed(Long.MAX_VALUE);
    }

    /**
     * The upstream says nothing more: what waits for its confirmation waits in vain, and must not keep the client from answering
     * the Close.
     */
    void upstreamClosed() {
        if (!plain) {
            close(Departure.UNDELIVERABLE);
        }
    }

    /** Whether nothing goes to an upstream any more. */
    boolean isClosed() {
        return closed != null;
    }

    /** Whether what the upstream says has to be looked into. */
    boolean readsReplies() {
        return requests != null || (prologue != null && prologue.awaited() > 0);
    }

    /**
     * Hears what the upstream says.
     *
     * @return whether it is a reply that the client is not to have
     */
    boolean isReplyToDrop(ByteBuf payload, boolean isText) {
        if (prologue != null && prologue.swallows(isText ? payload : null)) {
            if (prologue.awaited() == 0) {
                prologueIsRead();
            }
            return true;
        }
        boolean drop = requests != null && isText && requests.fromUpstream(payload) == Requests.FromUpstream.DROP;
        if (roomMade) {
            roomMade = false;
            proceed();
        }
        return drop;
    }

    /** The leg takes more, or there is room. */
    void proceed() {
        pump();
        if (held != null) {
            split();
        }
        session.resume();
    }

    /**
     * Sends the leg all that came before its end, whatever that does to the write buffer (the queue bounds it), and a Close
     * behind it.
     */
    void finish(CloseStatus status) {
        session.endMove();
        Leg up = leg;
        if (up == null || finished) {
            return;
        }
        finished = true;
        if (held != null) {
            split();
        }
        for (Delivery<ClientMessage> next = take(up); next != null; next = take(up)) {
            deliver(next, up);
        }
        up.flush();
        up.sendClose(status);
        queue.clear(Departure.CANCELLED);
    }

    private @Nullable Delivery<ClientMessage> take(Leg up) {
        return up.isOpen() ? queue.take() : null;
    }

    /** Drops all that waits and all that is not confirmed, and what is still to come. */
    void close(Departure why) {
        if (closed != null) {
            return;
        }
        closed = why;
        leg = null;
        queue.close(why);
        queue.requeueAll();
        unconfirmed.clear();
        if (held != null) {
            split();
        }
        if (prologue != null) {
            prologue.release();
        }
        if (roomAwaited != null) {
            roomAwaited.cancel();
        }
        if (clientPings != null) {
            clientPings.stop();
        }
        cancel(expiry);
        cancel(requestTimeout);
        cancel(prologueWait);
    }

    private void split() {
        if (splitting) {
            // Whoever called came from a message of the batch; the rest of it is next.
            return;
        }
        splitting = true;
        try {
            splitHeld();
        } finally {
            splitting = false;
        }
        CloseStatus end = endWanted;
        if (end != null) {
            endWanted = null;
            session.end(end);
        }
    }

    private void splitHeld() {
        FrameBatch batch = held;
        while (batch != null && held == batch) {
            if (!standing && !walker.next()) {
                held = null;
                CloseStatus close = batch.close();
                batch.release();
                if (close != null) {
                    finish(close);
                }
                break;
            }
            standing = false;
            int length = walker.to() - walker.from();
            boolean mayWait = pauses && endWanted == null && closed == null && !finished && !isDeaf();
            if (walker.isControl()) {
                control(batch.bytes());
            } else if (!mayWait) {
                message(batch.bytes(), false);
            } else if (queue.reserve(length)) {
                message(batch.bytes(), true);
            } else {
                standing = true;
                awaitRoom(length);
                expireInTime();
                return;
            }
        }
        pump();
        if (isDeaf()) {
            queue.clear(Departure.CANCELLED);
        }
        expireInTime();
    }

    private void control(ByteBuf bytes) {
        Leg up = leg;
        if (walker.isPing()) {
            notePing();
        }
        if (isPongToUs()) {
            return;
        }
        if (walker.isPing() && (up == null || !up.isOpen())) {
            answerPing();
        } else if (!walker.isClose() && up != null && up.isOpen()) {
            up.send(bytes.retainedSlice(walker.from(), walker.to() - walker.from()));
            up.flush();
        }
    }

    private boolean isPongToUs() {
        if (!walker.isPong() || clientPings == null) {
            return false;
        }
        ByteBuf payload = Unpooled.buffer(LARGEST_CONTROL);
        walker.copyPayload(payload);
        return clientPings.pong(payload);
    }

    private void notePing() {
        ByteBuf payload = Unpooled.buffer(LARGEST_CONTROL);
        walker.copyPayload(payload);
        lastPing = payload;
    }

    /** The client reads again. */
    void clientWritable() {
        if (leg == null) {
            answerPing();
        }
        session.resume();
    }

    /** Answers the client's last Ping, if there is one without a Pong; it stands for all before it (RFC 6455, section 5.5.3). */
    private void answerPing() {
        ByteBuf payload = lastPing;
        lastPing = null;
        if (payload != null && client.isOpen()) {
            if (!client.isWritable()) {
                // One that sends pings and reads no Pongs has enough of them to read.
                lastPing = payload;
                return;
            }
            client.send(ControlFrames.pong(client.channel().alloc(), Sender.SERVER, payload));
            client.flush();
        }
    }

    /** A Pong of the upstream passes to the client. */
    void pongPassed(ByteBuf frame, int payload, int length) {
        ByteBuf ping = lastPing;
        if (ping != null && ByteBufUtil.equals(ping, 0, frame, payload, length) && ping.readableBytes() == length) {
            lastPing = null;
        }
    }

    /** @param reserved whether its room in the queue is reserved */
    private void message(ByteBuf bytes, boolean reserved) {
        long payloadBytes = walker.payloadBytes();
        int length = walker.to() - walker.from();
        ByteBuf payload = null;
        if (closed == null && inspects) {
            Inspection inspection = Inspection.ofLoop();
            payload = inspection.read(walker, terms.config().limits().message());
            ProtocolViolation violation = inspection.violation();
            if (violation != null) {
                giveBack(reserved, length);
                // Nothing behind it counts.
                FrameBatch rest = held;
                held = null;
                if (rest != null) {
                    rest.release();
                }
                session.clientViolated(violation);
                return;
            }
        }
        long admission = DedupGate.UNTRACKED;
        if (dedup != null && payload != null) {
            admission = dedup.admit(payload);
            if (admission == DedupGate.DUPLICATE) {
                giveBack(reserved, length);
                queue.duplicate(length);
                return;
            }
        }
        ClientMessage message =
                new ClientMessage(kept(bytes, walker.from(), length), payloadBytes, admission, heldReadNanos);
        if (requests != null && payload != null && walker.isText()) {
            switch (requests.fromClient(payload, message)) {
                case DUPLICATE -> {
                    giveBack(reserved, length);
                    queue.duplicate(length);
                    release(message, false);
                    return;
                }
                case REQUEST -> message.isRequest = true;
                case OTHER -> {}
            }
        }
        if (prologue != null
                && closed == null
                && prologue.fromClient(message.wire, walker.isText() ? payload : null, message) == Prologue.Kept.FULL) {
            endWanted = new CloseStatus(CloseStatus.OVERLOAD, "too much to remember for the next upstream");
        }
        MessageQueue.Offer offer = reserved
                ? queue.offerReserved(message, length)
                : pauses ? queue.offerForced(message, length) : queue.offer(message, length);
        if (offer == MessageQueue.Offer.CLOSED && closed == null) {
            endWanted = new CloseStatus(CloseStatus.OVERLOAD, "too many messages wait for the upstream");
        } else if (offer == MessageQueue.Offer.QUEUED) {
            requestTimeoutInTime();
            pump();
        }
    }

    private void giveBack(boolean reserved, int bytes) {
        if (reserved) {
            terms.budget().release(bytes);
        }
    }

    /** Part of a buffer, to be kept for who knows how long. */
    private static ByteBuf kept(ByteBuf bytes, int from, int length) {
        ByteBuf whole = bytes;
        for (ByteBuf around = whole.unwrap(); around != null; around = whole.unwrap()) {
            whole = around;
        }
        // Nobody knows what the parts of a composite one hold on to.
        boolean wastes = whole instanceof CompositeByteBuf || (long) length * WASTE < whole.capacity();
        return wastes ? bytes.copy(from, length) : bytes.retainedSlice(from, length);
    }

    /** Writes what waits, as far as the leg takes it. */
    private void pump() {
        Leg up = leg;
        if (pumping || up == null || paused || moving) {
            return;
        }
        pumping = true;
        try {
            // A flush may write all there is at once, and the leg take more by the time it returns: nobody would say so
            // again.
            while (fill(up)) {
                up.flush();
            }
        } finally {
            pumping = false;
        }
        expireInTime();
    }

    /** Writes until the leg takes no more, or nothing waits; whether there is something to flush. */
    private boolean fill(Leg up) {
        boolean wrote = false;
        while (leg == up && !paused && !moving && up.isOpen() && up.isWritable()) {
            Delivery<ClientMessage> delivery = queue.take();
            if (delivery == null) {
                break;
            }
            wrote |= deliver(delivery, up);
        }
        return wrote;
    }

    private boolean deliver(Delivery<ClientMessage> delivery, Leg up) {
        ClientMessage message = delivery.message();
        if (message.isAnswered) {
            queue.confirm(delivery);
            return false;
        }
        message.delivery = delivery;
        boolean ahead = message.sentAhead == legNumber;
        boolean first = delivery.attempt() == 1;
        if (!ahead) {
            up.send(message.wire.retainedDuplicate(), message.readNanos, first ? 1 : 0);
        }
        if (first) {
            flow.passed(1, message.payloadBytes);
        } else {
            traffic.replayed();
        }
        if (message.isRequest) {
            // From here on, the timeout of requests judges it.
            delivery.outlast();
            unanswered.add(message);
        } else if (terms.confirms() && pings != null) {
            unconfirmed.add(delivery);
            pings.written(delivery.bytes());
        } else {
            queue.confirm(delivery);
        }
        return !ahead;
    }

    private void replayPrologue(Leg next) {
        if (prologue == null) {
            return;
        }
        for (PrologueEntry<ClientMessage> entry : prologue.entries()) {
            ClientMessage message = entry.message();
            boolean waits = !message.isOver;
            if (waits && !entry.opens()) {
                // It has a turn of its own, behind what the client said before it.
                continue;
            }
            boolean first = waits && message.delivery == null && message.sentAhead == 0;
            next.send(entry.wire().retainedDuplicate(), message.readNanos, first ? 1 : 0);
            prologue.replayed(entry);
            if (waits) {
                message.sentAhead = legNumber;
            } else {
                traffic.replayed();
            }
        }
        next.flush();
    }

    /** A message of the prologue that loses its turn, while a leg is up that hasn't got it, isn't kept from that leg. */
    private void sendRemembered(ClientMessage message) {
        Leg up = leg;
        PrologueEntry<ClientMessage> entry = prologue == null ? null : prologue.entryOf(message);
        boolean isThere = message.sentAhead == legNumber || moving;
        if (entry != null && prologue != null && up != null && up.isOpen() && !isThere) {
            up.send(entry.wire().retainedDuplicate());
            up.flush();
            prologue.replayed(entry);
        }
    }

    private void giveUpUnlessReplayable(ClientMessage message) {
        Delivery<ClientMessage> delivery = message.delivery;
        if (delivery != null && requests != null && !requests.isReplayable(message)) {
            queue.drop(delivery, Departure.NOT_REPLAYED);
        }
    }

    /** A message has left the queue. */
    private void gone(ClientMessage message, Departure why) {
        message.isOver = true;
        unanswered.remove(message);
        if (why == Departure.EXPIRED || why == Departure.OVERFLOW || why == Departure.BUDGET) {
            sendRemembered(message);
        }
        if (requests != null && message.isRequest && why != Departure.DELIVERED) {
            report(message, reasonOf(why));
        }
        release(message, why == Departure.DELIVERED);
    }

    private void release(ClientMessage message, boolean delivered) {
        if (dedup != null) {
            dedup.end(message.admission, delivered);
        }
        message.wire.release();
    }

    /** Tells the client, in its protocol's words, that a request of its failed. */
    private void report(ClientMessage message, FailReason reason) {
        byte[] error = requests == null ? null : requests.fail(message, reason);
        if (error != null) {
            reported = true;
            session.tellClient(error);
        }
    }

    private static FailReason reasonOf(Departure why) {
        return switch (why) {
            case EXPIRED -> FailReason.EXPIRED;
            case UNANSWERED -> FailReason.TIMEOUT;
            case NOT_REPLAYED -> FailReason.NOT_REPLAYED;
            case UNDELIVERABLE, CLOSED, CANCELLED -> FailReason.UPSTREAM_LOST;
            default -> FailReason.DROPPED;
        };
    }

    private void requestTimeoutInTime() {
        if (requests == null || requestTimeout != null || closed != null) {
            return;
        }
        long nanos = requests.nanosUntilTimeout();
        if (nanos >= 0) {
            requestTimeout = loop().schedule(this::requestsTimedOut, nanos, TimeUnit.NANOSECONDS);
        }
    }

    private void requestsTimedOut() {
        requestTimeout = null;
        if (requests != null) {
            requests.expire(this::timedOut);
        }
        requestTimeoutInTime();
        proceed();
    }

    private void timedOut(ClientMessage message) {
        byte[] cancellation = requests == null ? null : requests.cancellation(message, FailReason.TIMEOUT);
        Delivery<ClientMessage> written = message.delivery;
        if (written == null || !queue.drop(written, Departure.UNANSWERED)) {
            queue.dropWaiting(message, Departure.UNANSWERED);
            return;
        }
        Leg up = leg;
        if (cancellation != null && up != null && up.isOpen()) {
            up.send(DataFrames.text(up.channel().alloc(), Sender.CLIENT, cancellation));
            up.flush();
        }
    }

    private void expireInTime() {
        if (expiry != null || closed != null || queue.waiting() == 0) {
            return;
        }
        long nanos = queue.nanosUntilExpiry();
        if (nanos >= 0) {
            expiry = loop().schedule(this::expired, nanos, TimeUnit.NANOSECONDS);
        }
    }

    private void expired() {
        expiry = null;
        queue.expire();
        expireInTime();
        proceed();
    }

    private boolean hasRoom() {
        return !pauses || queue.hasRoom();
    }

    private void awaitRoom(int bytes) {
        if (roomAwaited == null && queue.hasOwnRoom()) {
            EventLoop loop = loop();
            roomAwaited = terms.budget().awaitRoom(bytes, () -> loop.execute(this::roomAgain));
        }
    }

    private void roomAgain() {
        roomAwaited = null;
        if (closed == null) {
            proceed();
        }
        terms.budget().passOn();
    }

    /** Requests that ended by themselves have reached their upstream. */
    private final class Replies implements RequestListener<ClientMessage> {

        @Override
        public void answered(ClientMessage message, long latencyNanos) {
            traffic.took(Timing.REQUEST, latencyNanos);
            message.isAnswered = true;
            roomMade |= message.delivery != null && queue.confirm(message.delivery);
        }

        @Override
        public void cancelled(ClientMessage message) {
            boolean written = message.delivery != null && queue.confirm(message.delivery);
            roomMade |= written || queue.dropWaiting(message, Departure.CANCELLED);
        }
    }

    private EventLoop loop() {
        return client.channel().eventLoop();
    }

    private static void cancel(@Nullable ScheduledFuture<?> task) {
        if (task != null) {
            task.cancel(false);
        }
    }
}
