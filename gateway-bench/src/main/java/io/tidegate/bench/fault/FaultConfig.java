package io.tidegate.bench.fault;

import io.tidegate.bench.fault.judge.Promise;
import io.tidegate.bench.fault.message.Form;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a run does.
 *
 * @param scenario what is broken
 * @param route how the gateway keeps the conversation going
 * @param traffic what clients send
 * @param faults how often something is broken, at least 1
 * @param endpoints upstream endpoints, at least 1
 * @param downtime the longest time that an upstream stays broken; each is chosen at random up to it
 * @param seed of all that is chosen at random
 * @param gateway what to test
 */
record FaultConfig(
        Scenario scenario,
        Route route,
        Traffic traffic,
        int faults,
        int endpoints,
        Duration downtime,
        long seed,
        Gateway gateway) {

    FaultConfig {
        atLeastOne("kills", faults);
        atLeastOne("endpoints", endpoints);
        if (scenario == Scenario.STORM && endpoints < 2) {
            throw new IllegalArgumentException("endpoints: " + endpoints + " (expected: 2 or more for a storm)");
        }
        if (scenario == Scenario.SLOW && traffic.clients() < 2) {
            throw new IllegalArgumentException(
                    "clients: " + traffic.clients() + " (expected: 2 or more, one of them slow)");
        }
        if (traffic.messages() < faults) {
            throw new IllegalArgumentException(
                    "requests: " + traffic.messages() + " (expected: at least one for each of " + faults + " kills)");
        }
    }

    /**
     * The route's continuity.
     *
     * @param reconnect or close
     * @param confirm whether deliveries are confirmed by pings
     * @param protocol whose requests are tracked; null for none
     * @param queueBytes the budget of all queues
     * @param reconnectRate re-dials per second; 0 for the gateway's default
     */
    record Route(
            boolean reconnect, boolean confirm, @Nullable Form protocol, long queueBytes, int reconnectRate) {

        Route {
            if (!reconnect && (confirm || protocol != null)) {
                throw new IllegalArgumentException(
                        "continuity: close (expected: reconnect, with --confirm ping or --requests-protocol)");
            }
        }

        /** What it promises. */
        Promise promise() {
            if (!reconnect) {
                return Promise.TOLD;
            }
            if (protocol != null) {
                return Promise.EXACTLY_ONE_REPLY;
            }
            return confirm ? Promise.AT_LEAST_ONCE : Promise.AT_MOST_ONCE;
        }
    }

    /**
     * What clients send.
     *
     * @param clients how many there are, at least 1
     * @param form what they send
     * @param messages how many in all; where clients are held back, how many are offered to them
     * @param perSecond at which rate in all, while nothing is broken
     * @param window most messages of a client without a reply
     * @param filler letters of filler in each
     */
    record Traffic(int clients, Form form, int messages, double perSecond, int window, int filler) {

        Traffic {
            atLeastOne("clients", clients);
            atLeastOne("requests", messages);
            atLeastOne("window", window);
            if (filler < 0 || filler > 1 << 19) {
                throw new IllegalArgumentException("size: " + filler + " (expected: 0 to 524288)");
            }
            if (!(perSecond > 0)) {
                throw new IllegalArgumentException("rate: " + perSecond + " (expected: > 0)");
            }
        }
    }

    /**
     * The gateway under test.
     *
     * @param jar null for the one in this program
     * @param jvm options of its JVM
     */
    record Gateway(@Nullable Path jar, List<String> jvm) {}

    private static void atLeastOne(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: 1 or more)");
        }
    }
}
