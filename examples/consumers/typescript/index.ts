// A team's registry, with the SDK that `pulumi package add` generates from the component package.
import { PrivateRegistry } from "@pulumi/private-registry";

const images = new PrivateRegistry("images", {
    registryName: "teamimages",
    location: "japaneast",
    resourceGroupName: "rg-team-images",
    createResourceGroup: true,
    replicas: { japanwest: {} },
    network: { virtualNetworkPrefix: "10.30.0.0/24", subnetPrefix: "10.30.0.0/27" },
    tags: { team: "images" },
});

export const loginServer = images.loginServer;
export const allowList = images.allowList;
export const privateIps = images.privateIps;
