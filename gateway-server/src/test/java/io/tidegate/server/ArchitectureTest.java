package io.tidegate.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Holds the package map: who may know whom in the server, and that the core does not know the server. */
@TestInstance(Lifecycle.PER_CLASS)
class ArchitectureTest {

    /** Large: no longer than this class. */
    private final JavaClasses classes = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("io.tidegate");

    @Test
    void seesTheClassesItJudges() {
        assertThat(classes.stream().map(JavaClass::getPackageName))
                .anyMatch(name -> name.startsWith("io.tidegate.server"));
    }

    @Test
    void conceptsFormNoCycle() {
        slices().matching("io.tidegate.server.(*)..")
                .should()
                .beFreeOfCycles()
                .allowEmptyShould(true)
                .check(classes);
    }

    @Test
    void coreDoesNotKnowTheServer() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.tidegate.server..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.tidegate.server..")
                .allowEmptyShould(true)
                .check(classes);
    }
}
