"""The scalable target of one service, and everything that is registered on it, one after the other."""

import pulumi
import pulumi_aws as aws


class Scalable:
    """A scalable target that takes one change at a time.

    Application Auto Scaling refuses a second one meanwhile (ConcurrentUpdateException), and the provider does not try
    again (terraform-provider-aws issue 17915, open, read 2026-11).
    """

    def __init__(self, name: str, target: aws.appautoscaling.Target, opts: pulumi.ResourceOptions) -> None:
        self.name = name
        self.target = target
        self.opts = opts
        self._last: pulumi.Resource | None = None

    def policy(
        self,
        role: str,
        policy_type: str,
        *,
        tracking: aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs | None = None,
        steps: aws.appautoscaling.PolicyStepScalingPolicyConfigurationArgs | None = None,
        prediction: aws.appautoscaling.PolicyPredictiveScalingPolicyConfigurationArgs | None = None,
    ) -> aws.appautoscaling.Policy:
        """A policy with the one configuration that belongs to its type."""
        policy = aws.appautoscaling.Policy(
            f"{self.name}-{role}",
            service_namespace=self.target.service_namespace,
            scalable_dimension=self.target.scalable_dimension,
            resource_id=self.target.resource_id,
            policy_type=policy_type,
            target_tracking_scaling_policy_configuration=tracking,
            step_scaling_policy_configuration=steps,
            predictive_scaling_policy_configuration=prediction,
            opts=self._next(),
        )
        self._last = policy
        return policy

    def schedule(self, role: str, when: str, zone: str, least: int, most: int) -> None:
        """At `when` of the time zone the bounds become `least` and `most`."""
        self._last = aws.appautoscaling.ScheduledAction(
            f"{self.name}-{role}",
            service_namespace=self.target.service_namespace,
            scalable_dimension=self.target.scalable_dimension,
            resource_id=self.target.resource_id,
            schedule=when,
            timezone=zone,
            scalable_target_action=aws.appautoscaling.ScheduledActionScalableTargetActionArgs(
                min_capacity=least, max_capacity=most
            ),
            opts=self._next(),
        )

    def _next(self) -> pulumi.ResourceOptions:
        if self._last is None:
            return self.opts
        return pulumi.ResourceOptions.merge(self.opts, pulumi.ResourceOptions(depends_on=[self._last]))
