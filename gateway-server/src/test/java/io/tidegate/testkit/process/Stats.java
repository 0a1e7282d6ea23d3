package io.tidegate.testkit.process;

import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a gateway tells at {@code GET /api/stats}.
 *
 * @param all the account of all routes together
 * @param routes that of each, by its label
 * @param json everything, for whoever wants more
 */
public record Stats(Books all, Map<String, Books> routes, JsonNode json) {
    private static final JsonMapper MAPPER = new JsonMapper();

    static Stats parse(String text) {
        JsonNode json = MAPPER.readTree(text);
        Map<String, Books> routes = new TreeMap<>();
        json.required("routes")
                .properties()
                .forEach(route ->
                        routes.put(route.getKey(), Books.of(route.getValue().required("accounting"))));
        return new Stats(Books.of(json.required("accounting")), routes, json);
    }

    /** That of the route with this label. */
    public Books route(String label) {
        Books books = routes.get(label);
        if (books == null) {
            throw new AssertionError("no route " + label + " in " + routes.keySet());
        }
        return books;
    }

    /** Fails when a message is unaccounted for, or in the books twice, or in those of no route. */
    public Stats assertAccounted() {
        routes.forEach((label, books) -> assertAccounted("route " + label, books));
        assertAccounted("all routes", all);
        Books sum = routes.values().stream().reduce(Books::plus).orElse(all);
        if (!sum.equals(all)) {
            throw new AssertionError("routes sum up to " + sum + "\nexpected: " + all);
        }
        return this;
    }

    private static void assertAccounted(String whose, Books books) {
        if (books.unaccounted() != 0) {
            throw new AssertionError(books.unaccounted() + " messages of " + whose + " are unaccounted for: " + books);
        }
    }

    @Override
    public String toString() {
        return json.toString();
    }
}
