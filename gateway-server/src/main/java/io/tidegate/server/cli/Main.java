package io.tidegate.server.cli;

/** Entry point of the gateway process. */
public final class Main {

    private Main() {}

    /** Prints the version. */
    public static void main(String[] args) {
        System.out.println("tidegate " + version());
    }

    /** The version in the jar's manifest, or {@code development} when run from class files. */
    static String version() {
        String version = Main.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
