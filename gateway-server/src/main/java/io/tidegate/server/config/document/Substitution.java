package io.tidegate.server.config.document;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Puts the values of environment variables into texts.
 *
 * <p>{@code ${NAME}} is the variable's value. {@code ${NAME:-default}} is the default when the variable is unset or
 * empty; the default may itself refer to variables. A doubled dollar sign before a brace stands for one dollar sign, and
 * no variable. A lone dollar sign is itself. Values are not looked at again: one that looks like a reference is taken as
 * it is.
 */
public final class Substitution {

    private static final int MAX_DEPTH = 8;
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    private final Map<String, String> environment;
    private final Set<String> used = new LinkedHashSet<>();

    /** Takes values from {@code environment}. */
    public Substitution(Map<String, String> environment) {
        this.environment = environment;
    }

    /**
     * Expands one text.
     *
     * @throws Unresolved when a variable without a default is unset, or the syntax is wrong
     */
    public String expand(String text) throws Unresolved {
        return expand(text, 0);
    }

    /** The variables that the texts so far refer to, whether set or not. */
    public Set<String> used() {
        return used;
    }

    private String expand(String text, int depth) throws Unresolved {
        int dollar = text.indexOf("${");
        if (dollar < 0) {
            return text;
        }
        if (depth > MAX_DEPTH) {
            throw new Unresolved(text, "defaults nested at most " + MAX_DEPTH + " deep");
        }
        StringBuilder expanded = new StringBuilder();
        int from = 0;
        for (; dollar >= 0; dollar = text.indexOf("${", from)) {
            if (dollar > from && text.charAt(dollar - 1) == '$') {
                expanded.append(text, from, dollar - 1).append("${");
                from = dollar + 2;
            } else {
                int end = end(text, dollar + 2);
                expanded.append(text, from, dollar).append(variable(text.substring(dollar + 2, end), depth));
                from = end + 1;
            }
        }
        return expanded.append(text, from, text.length()).toString();
    }

    private static int end(String text, int from) throws Unresolved {
        int open = 1;
        for (int i = from; i < text.length(); i++) {
            if (text.startsWith("${", i)) {
                open++;
            } else if (text.charAt(i) == '}' && --open == 0) {
                return i;
            }
        }
        throw new Unresolved(text, "a } that ends ${ ($${ stands for a literal ${)");
    }

    private String variable(String reference, int depth) throws Unresolved {
        Matcher name = NAME.matcher(reference);
        if (!name.lookingAt() || !(name.end() == reference.length() || reference.startsWith(":-", name.end()))) {
            throw new Unresolved("${" + reference + "}", "${NAME} or ${NAME:-default} ($${ stands for a literal ${)");
        }
        used.add(name.group());
        String value = environment.get(name.group());
        if (name.end() == reference.length()) {
            if (value == null) {
                throw new Unresolved(
                        "${" + reference + "}",
                        "the environment variable " + name.group() + " to be set, or a default");
            }
            return value;
        }
        return value == null || value.isEmpty() ? expand(reference.substring(name.end() + 2), depth + 1) : value;
    }

    /** A text cannot be expanded. */
    public static final class Unresolved extends Exception {
        private final String found;
        private final String expected;

        Unresolved(String found, String expected) {
            super(found + " (expected: " + expected + ")", null, false, false);
            this.found = found;
            this.expected = expected;
        }

        /** The reference at fault. */
        public String found() {
            return found;
        }

        /** What would be right. */
        public String expected() {
            return expected;
        }
    }
}
