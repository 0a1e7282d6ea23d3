package io.tidegate.server.config.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SubstitutionTest {

    private final Substitution substitution =
            new Substitution(Map.of("HOST", "h", "PORT", "1", "EMPTY", "", "TRICK", "${HOST}"));

    @ParameterizedTest
    @CsvSource(delimiter = '>', textBlock = """
            nothing                     > nothing
            ws://${HOST}:${PORT}/x      > ws://h:1/x
            ${NONE:-d}                  > d
            ${EMPTY:-d}                 > d
            a${EMPTY}b                  > ab
            a${NONE:-}b                 > ab
            ${HOST:-d}                  > h
            ${NONE:-${PORT}}            > 1
            ${NONE:-${NONE:-x}y}z       > xyz
            ${TRICK}                    > ${HOST}
            $${HOST}                    > ${HOST}
            $${HOST}${PORT}             > ${HOST}1
            5$ $HOST $$                 > 5$ $HOST $$
            """)
    void puts(String text, String expanded) throws Exception {
        assertThat(substitution.expand(text)).isEqualTo(expanded);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '>', textBlock = """
            a${NONE}       > ${NONE} (expected: the environment variable NONE to be set, or a default)
            ${HOST         > ${HOST (expected: a } that ends ${ ($${ stands for a literal ${))
            ${1A}          > ${1A} (expected: ${NAME} or ${NAME:-default} ($${ stands for a literal ${))
            ${}            > ${} (expected: ${NAME} or ${NAME:-default} ($${ stands for a literal ${))
            ${HOST-x}      > ${HOST-x} (expected: ${NAME} or ${NAME:-default} ($${ stands for a literal ${))
            """)
    void refuses(String text, String message) {
        assertThatThrownBy(() -> substitution.expand(text))
                .isInstanceOf(Substitution.Unresolved.class)
                .hasMessage(message);
    }

    @Test
    void defaultsNestedWithoutEndAreRefused() {
        String deep = "${N:-".repeat(50_000) + "x" + "}".repeat(50_000);

        assertThatThrownBy(() -> substitution.expand(deep)).isInstanceOf(Substitution.Unresolved.class);
    }
}
