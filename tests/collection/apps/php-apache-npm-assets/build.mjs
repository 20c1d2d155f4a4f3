import { mkdirSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const result = await build({
  entryPoints: ["resources/js/app.js", "resources/css/app.css"],
  outdir: "public/build",
  entryNames: "[name]-[hash]",
  bundle: true,
  minify: true,
  metafile: true,
});

// The pages look up the names with hashes in this list.
const manifest = {};
for (const [file, output] of Object.entries(result.metafile.outputs)) {
  manifest[output.entryPoint] = file.replace("public/", "/");
}
mkdirSync("public/build", { recursive: true });
writeFileSync("public/build/manifest.json", JSON.stringify(manifest));
