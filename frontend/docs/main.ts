/** The API's description, to read and to try: Swagger UI, served by us and asking nobody else. */

import "swagger-ui-dist/swagger-ui.css";
import "./docs.css";
// @ts-expect-error The package has no types.
import SwaggerUI from "swagger-ui-dist/swagger-ui-es-bundle.js";

const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

const place = document.getElementById("api");
if (place) {
  SwaggerUI({
    domNode: place,
    url: place.dataset["document"],
    deepLinking: true,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    filter: true,
    persistAuthorization: false,
    tryItOutEnabled: true,
    // Otherwise the document would be sent to a validator on the internet.
    validatorUrl: null,
  });
}
