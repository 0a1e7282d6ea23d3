package io.tidegate.testkit;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * What an upstream does with one connection, from the moment TCP has it. When the script is over the connection stays, for the test to command.
 *
 * <p><b>Threads:</b> runs on a thread of the connection's own. A script that fails because the connection is gone fails nothing; any other failure makes {@link ScriptedUpstream#close} throw.
 */
@FunctionalInterface
public interface Script {
    /** Answers 101 and echoes; see {@link Peer#echo}. */
    Script ECHO = connection -> {
        connection.accept();
        connection.echo();
    };

    /** Answers 101 and leaves the rest to the test. */
    Script ACCEPT = UpstreamConnection::accept;

    /** Answers 101 and then RST. */
    Script DROP = connection -> {
        connection.accept();
        connection.reset();
    };

    /** Reads the request and never says anything. */
    Script SILENT = connection -> {};

    /** Answers with something that is no HTTP. */
    Script GARBAGE = connection -> reply(connection, "\u0000\u0001 SSH-2.0-nonsense\r\n\r\nhello\r\n\r\n");

    /** Answers half of a 101 and then FIN. */
    Script CUT_OFF = connection -> {
        reply(connection, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: webso");
        connection.close();
    };

    /** Answers half of a 101 and then RST. */
    Script CUT_OFF_HARD = connection -> {
        reply(connection, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: webso");
        connection.reset();
    };

    /** FIN once the request is there. */
    Script HANG_UP = connection -> {
        connection.request();
        connection.close();
    };

    /** RST once the request is there. */
    Script HANG_UP_HARD = connection -> {
        connection.request();
        connection.reset();
    };

    void serve(UpstreamConnection connection) throws Exception;

    /** Answers with any status; see {@link UpstreamConnection#refuse}. */
    static Script refuse(int status, String body, String... headerLines) {
        return connection -> connection.refuse(status, body, headerLines);
    }

    static Script redirect(String location) {
        return refuse(302, "", "Location: " + location);
    }

    /** Answers with these bytes once the request is there. */
    static Script reply(String bytes) {
        return connection -> reply(connection, bytes);
    }

    /** This script, but for those connections another one. */
    default Script except(Predicate<UpstreamConnection> those, Script other) {
        return connection -> (those.test(connection) ? other : this).serve(connection);
    }

    /** This script, once the latch is open. */
    default Script after(CountDownLatch latch) {
        return connection -> {
            if (latch.await(Peer.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                serve(connection);
            }
        };
    }

    /** This script, later. Nothing should be asserted about the time. */
    default Script after(Duration latency) {
        return connection -> {
            TimeUnit.NANOSECONDS.sleep(latency.toNanos());
            serve(connection);
        };
    }

    private static void reply(UpstreamConnection connection, String bytes) {
        connection.request();
        connection.sendBytes(bytes.getBytes(US_ASCII));
    }
}
