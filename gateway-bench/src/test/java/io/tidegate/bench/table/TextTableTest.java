package io.tidegate.bench.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class TextTableTest {

    private final TextTable table = new TextTable("a", "long head", "c");

    @Test
    void columnsAreAsWideAsTheirLongestCell() {
        table.add("longer", "x", "");
        table.add("", "y", "z");

        assertThat(table.lines()).containsExactly("a       long head  c", "longer  x", "        y          z");
    }

    @Test
    void everyRowHasAllColumns() {
        assertThatIllegalArgumentException().isThrownBy(() -> table.add("x")).withMessage("cells: 1 (expected: 3)");
    }
}
