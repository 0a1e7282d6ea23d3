package io.tidegate;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the package map: who may know whom in the core. */
@TestInstance(Lifecycle.PER_CLASS)
class ArchitectureTest {

    private static final String[] CONCEPTS = {"breaker", "retry", "dedup", "queue", "frame"};

    /** Large: no longer than this class. */
    private final JavaClasses core = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.tidegate");

    @Test
    void seesTheClassesItJudges() {
        assertThat(core).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"breaker", "retry", "dedup", "queue", "frame"})
    void conceptsKnowNeitherEachOtherNorMetrics(String concept) {
        String[] others = Stream.concat(Arrays.stream(CONCEPTS), Stream.of("metrics"))
                .filter(other -> !other.equals(concept))
                .map(other -> "io.tidegate." + other + "..")
                .toArray(String[]::new);

        noClasses()
                .that()
                .resideInAPackage("io.tidegate." + concept + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(others)
                .check(core);
    }

    @Test
    void coreKnowsNeitherReactorNettyNorTheServer() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("reactor.netty..", "io.tidegate.server..", "io.tidegate.bench..")
                .check(core);
    }

    @ParameterizedTest
    @ValueSource(strings = {"time", "json"})
    void foundationsKnowNoOtherPackage(String foundation) {
        noClasses()
                .that()
                .resideInAPackage("io.tidegate." + foundation + "..")
                .should()
                .dependOnClassesThat(resideInAPackage("io.tidegate..")
                        .and(resideOutsideOfPackage("io.tidegate." + foundation + "..")))
                .check(core);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "io.tidegate.breaker.Circuit",
                "io.tidegate.breaker.Generation",
                "io.tidegate.breaker.Permit",
                "io.tidegate.retry.Backoff",
                "io.tidegate.retry.TokenBudget",
                "io.tidegate.dedup.LocalWindow",
                "io.tidegate.dedup.StripedWindow",
                "io.tidegate.queue.ByteBudget",
                "io.tidegate.queue.Ledger",
                "io.tidegate.queue.MessageQueue",
                "io.tidegate.json.PointerScanner"
            })
    void stateMachinesKnowNoReactor(String stateMachine) {
        classes()
                .that()
                .haveFullyQualifiedName(stateMachine)
                .should()
                .onlyDependOnClassesThat(resideOutsideOfPackages("reactor..", "org.reactivestreams.."))
                .check(core);
    }

    @Test
    void packagesFormNoCycle() {
        slices().matching("io.tidegate.(*)..")
                .should()
                .beFreeOfCycles()
                .allowEmptyShould(true)
                .check(core);
    }
}
