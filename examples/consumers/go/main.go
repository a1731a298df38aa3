// A team's registry, with the SDK that `pulumi package add` generates from the component package.
package main

import (
	"example.com/private-registry/sdk/go/privateregistry"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		createResourceGroup := true
		images, err := privateregistry.NewPrivateRegistry(ctx, "images", &privateregistry.PrivateRegistryArgs{
			RegistryName:        pulumi.String("teamimages"),
			Location:            "japaneast",
			ResourceGroupName:   pulumi.String("rg-team-images"),
			CreateResourceGroup: &createResourceGroup,
			Replicas:            map[string]privateregistry.ReplicaArgsArgs{"japanwest": {}},
			Network: &privateregistry.NetworkArgsArgs{
				VirtualNetworkPrefix: pulumi.String("10.30.0.0/24"),
				SubnetPrefix:         pulumi.String("10.30.0.0/27"),
			},
			Tags: pulumi.StringMap{"team": pulumi.String("images")},
		})
		if err != nil {
			return err
		}
		ctx.Export("loginServer", images.LoginServer)
		ctx.Export("allowList", images.AllowList)
		ctx.Export("privateIps", images.PrivateIps)
		return nil
	})
}
