// A container registry that only clients in its network can reach.
import * as pulumi from "@pulumi/pulumi";
import { PrivateRegistry } from "@pulumi/private-registry";

const config = new pulumi.Config();

const registry = new PrivateRegistry("registry", {
    registryName: config.require("registryName"),
    location: config.require("location"),
    resourceGroupName: config.require("resourceGroupName"),
    createResourceGroup: true,
    network: {
        virtualNetworkPrefix: config.require("virtualNetworkPrefix"),
        subnetPrefix: config.require("subnetPrefix"),
    },
});

export const loginServer = registry.loginServer;
export const allowList = registry.allowList;
export const privateIps = registry.privateIps;
