// Shows the document beside this page. A key is kept in memory only, and no other host is asked.
"use strict";
const folder = document.currentScript.src;
SwaggerUIBundle({
  dom_id: "#swagger-ui",
  url: new URL("../openapi.json", folder).href,
  deepLinking: true,
  defaultModelsExpandDepth: -1,
  displayRequestDuration: true,
  docExpansion: "none",
  filter: true,
  persistAuthorization: false,
  validatorUrl: null,
});
