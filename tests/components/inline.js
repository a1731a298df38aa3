// Runs a compiled program inside the Automation API, as the Node.js host would run it: `node inline.js PROGRAM VERB PACK`.
// The CLI needs no language host for it; the engine calls back into this process.
const path = require("node:path");
const [program, verb, pack] = process.argv.slice(2);
const from = (name) => require(require.resolve(name, { paths: [process.cwd()] }));

(async () => {
    const { LocalWorkspace } = from("@pulumi/pulumi/automation");
    const main = async () => ({ ...require(path.resolve(program)) });
    const args = { stackName: "local", projectName: "images", program: main };
    const stack = await LocalWorkspace.selectStack(args, { workDir: process.cwd() });
    const options = { policyPacks: [pack] };
    const changes =
        verb === "up" ? (await stack.up(options)).summary.resourceChanges : (await stack.preview(options)).changeSummary;
    console.log(JSON.stringify(changes));
})().catch((error) => {
    console.error(error);
    process.exit(1);
});
