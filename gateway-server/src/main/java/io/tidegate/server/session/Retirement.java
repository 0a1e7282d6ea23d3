package io.tidegate.server.session;

import io.netty.util.concurrent.ScheduledFuture;
import io.tidegate.frame.CloseStatus;
import io.tidegate.server.leg.Leg;
import java.util.concurrent.TimeUnit;

/**
 * Sees an upstream leg to its end that serves its session no longer: a Close frame, unless one was sent, and then it is the
 * upstream, the server there, that closes first (RFC 6455, section 7.1.1), or the connection is cut.
 */
final class Retirement implements Leg.Listener {

    private final ScheduledFuture<?> deadline;

    private Retirement(Leg leg) {
        deadline = leg.channel()
                .eventLoop()
                .schedule(leg::closeNow, Session.CLOSE_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
    }

    static void begin(Leg leg, CloseStatus status) {
        if (leg.isClosed()) {
            return;
        }
        leg.listener(new Retirement(leg));
        leg.ignoreInput();
        leg.sendClose(status);
        if (leg.isInputEnded()) {
            leg.finish();
        }
    }

    @Override
    public void inputEnded(Leg leg) {
        leg.finish();
    }

    @Override
    public void closed(Leg leg) {
        deadline.cancel(false);
    }
}
