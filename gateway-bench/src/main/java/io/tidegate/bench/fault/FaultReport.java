package io.tidegate.bench.fault;

import io.tidegate.bench.fault.judge.Accounting;
import io.tidegate.bench.fault.judge.Findings;
import io.tidegate.bench.fault.judge.Recovery;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a run found.
 *
 * @param config what was run
 * @param findings what became of the messages
 * @param recovery how long clients waited
 * @param books the gateway's accounting by route and in all; empty when it has none
 * @param figures what else the scenario measured; names end in units
 * @param broken what was promised and did not hold, each in a line
 */
record FaultReport(
        FaultConfig config,
        Findings findings,
        Recovery recovery,
        Map<String, Accounting> books,
        Map<String, Long> figures,
        List<String> broken) {

    /** The same, with long pauses taken for a broken promise. */
    FaultReport strict() {
        if (recovery.slow() == 0) {
            return this;
        }
        List<String> more = new ArrayList<>(broken);
        more.add(recovery.slow() + " pauses longer than twice the outage + 100 ms");
        return new FaultReport(config, findings, recovery, books, figures, more);
    }
}
