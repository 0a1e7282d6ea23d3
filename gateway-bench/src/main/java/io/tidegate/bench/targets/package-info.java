/**
 * {@code targets}: the budgets that Tidegate sets itself, measured.
 *
 * <pre>
 *   TargetsCommand ── BenchmarkRun (JMH, in JVMs of its own) ──▶ Scores ──┐
 *                  ── SweepPauses ────────────────────────────────────────┼──▶ BudgetTable ──▶ Figures ──▶ TargetsReport
 *                  ── Footprint ──────────────────────────────────────────┘
 * </pre>
 */
@NullMarked
package io.tidegate.bench.targets;

import org.jspecify.annotations.NullMarked;
