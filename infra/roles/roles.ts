export const roles = async () => ({ Resources: {} });
