import type { CameraState } from "../camera.ts";
import type { TextKey } from "../texts/index.ts";
import type { IconName } from "./icons.ts";

/** Why the camera sees nothing, and what to do. */
export const TROUBLE: Readonly<Partial<Record<CameraState, { title: TextKey; text: TextKey; icon: IconName }>>> = {
  denied: { title: "cameraDeniedTitle", text: "cameraDenied", icon: "lock" },
  none: { title: "cameraNoneTitle", text: "cameraNone", icon: "cameraOff" },
  insecure: { title: "cameraInsecureTitle", text: "cameraInsecure", icon: "lock" },
  broken: { title: "cameraBrokenTitle", text: "cameraBroken", icon: "cameraOff" },
};
